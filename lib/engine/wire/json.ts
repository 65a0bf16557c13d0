/** JSON as requests are built: an undefined property is left out. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { [key: string]: Json | undefined };
