#!/usr/bin/env python3
"""The real llama.cpp HTTP server of the PyPI wheel `xllamacpp`, for tests on 127.0.0.1.

Prints "listening ADDRESS" when it is up. End it with SIGTERM (at once) or SIGKILL.
"""
import argparse
import os
import signal
import threading

import xllamacpp as x

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--ctx", type=int, default=0)
parser.add_argument("--parallel", type=int, default=1)
parser.add_argument("--embedding", action="store_true")
parser.add_argument("--pooling", choices=["none", "mean", "cls", "rank"])
parser.add_argument("--reranking", action="store_true")
parser.add_argument("--api-key")
parser.add_argument("--alias")
parser.add_argument("--metrics", action="store_true")
parser.add_argument("--temp", type=float)
parser.add_argument("--threads", type=int, default=1)
args = parser.parse_args()

params = x.CommonParams()
params.model.path = args.model
params.hostnames = ["127.0.0.1"]
params.port = args.port
params.n_parallel = args.parallel
params.cpuparams.n_threads = args.threads
params.cpuparams_batch.n_threads = args.threads
params.fit_params = False
params.endpoint_metrics = args.metrics
params.use_jinja = True
if args.ctx:
    params.n_ctx = args.ctx
if args.temp is not None:
    params.sampling.temp = args.temp
if args.alias:
    params.model_alias = {args.alias}
if args.api_key:
    params.api_keys = [args.api_key]
pooling = "rank" if args.reranking else args.pooling
params.embedding = args.embedding or pooling is not None
if pooling:
    params.pooling_type = getattr(x.llama_pooling_type, f"LLAMA_POOLING_TYPE_{pooling.upper()}")

server = x.Server(params)
print("listening", server.listening_address, flush=True)
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
threading.Event().wait()
