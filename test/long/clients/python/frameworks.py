"""LangChain, LlamaIndex, instructor and LiteLLM."""
import json

import instructor
import litellm
import openai
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel

from calls import *


class Verdict(BaseModel):
    """Whether it is so."""

    ok: bool


@tool
def get_weather(city: str) -> str:
    """Weather of a city."""
    return WEATHER


def langchain(model, schema_model, **options):
    def tools():
        bound = model(TOOLS).bind_tools([get_weather])
        question = HumanMessage(QUESTION)
        first = bound.invoke([question])
        call = first.tool_calls[0]
        heard = ToolMessage(get_weather.invoke(call['args']), tool_call_id=call['id'])
        return {'city': call['args']['city'], 'answer': bound.invoke([question, first, heard]).text}

    def abort():
        pieces = model(ENDLESS).stream(QUESTION)
        while not next(pieces).text:
            pass
        pieces.close()

    return {
        'chat': lambda: model(TEXT).invoke(QUESTION).text,
        'stream': lambda: [chunk.text for chunk in model(TEXT).stream(QUESTION)],
        'tools': tools,
        'schema': lambda: model(schema_model)
        .with_structured_output(Verdict, **options)
        .invoke(QUESTION)
        .model_dump(),
        'errors': lambda: failure(lambda: model(NOBODY).invoke(QUESTION)),
        'abort': abort,
    }


def chat_openai(name):
    return ChatOpenAI(model=name, base_url=URL, api_key=KEY, max_retries=0)


def chat_anthropic(name):
    return ChatAnthropic(model=name, base_url=ORIGIN, api_key=KEY, max_retries=0, max_tokens=1000)


def llama(name):
    return OpenAILike(
        model=name,
        api_base=URL,
        api_key=KEY,
        is_chat_model=True,
        is_function_calling_model=True,
        should_use_structured_outputs=True,
        max_retries=0,
        context_window=4096,
    )


def llama_tools():
    seen = {}

    def get_weather(city: str) -> str:
        """Weather of a city."""
        seen['city'] = city
        return WEATHER

    weather = FunctionTool.from_defaults(get_weather)
    model = llama(TOOLS)
    question = ChatMessage(role='user', content=QUESTION)
    first = model.chat_with_tools([weather], chat_history=[question])
    call = model.get_tool_calls_from_response(first)[0]
    heard = ChatMessage(
        role='tool',
        content=str(weather.call(**call.tool_kwargs)),
        additional_kwargs={'tool_call_id': call.tool_id},
    )
    second = model.chat_with_tools([weather], chat_history=[question, first.message, heard])
    return {'city': seen['city'], 'answer': second.message.content}


def llama_abort():
    pieces = llama(ENDLESS).stream_complete(QUESTION)
    next(iter(pieces))
    pieces.close()


def ask(name, **options):
    return litellm.completion(
        model=f'openai/{name}', api_base=URL, api_key=KEY, messages=MESSAGES, num_retries=0, max_retries=0, **options
    )


def lite_tools():
    weather = {'type': 'function', 'function': {'name': 'get_weather', 'parameters': PARAMETERS}}
    first = ask(TOOLS, tools=[weather]).choices[0].message
    call = first.tool_calls[0]
    heard = {'role': 'tool', 'tool_call_id': call.id, 'content': WEATHER}
    second = litellm.completion(
        model=f'openai/{TOOLS}',
        api_base=URL,
        api_key=KEY,
        messages=[*MESSAGES, first.model_dump(), heard],
        tools=[weather],
    )
    return {'city': json.loads(call.function.arguments)['city'], 'answer': second.choices[0].message.content}


def lite_abort():
    stream = ask(ENDLESS, stream=True)
    next(iter(stream))
    stream.completion_stream.close()


def instruct(name):
    client = instructor.from_openai(openai.OpenAI(base_url=URL, api_key=KEY, max_retries=0))
    return client.create(model=name, response_model=Verdict, messages=MESSAGES, max_retries=1)


run({
    'langchainPython': {
        **langchain(chat_openai, TEXT),
        'embeddings': lambda: OpenAIEmbeddings(
            model=EMBEDDING, base_url=URL, api_key=KEY, check_embedding_ctx_length=False
        ).embed_documents(TEXTS),
    },
    'langchainAnthropic': langchain(chat_anthropic, TOOLS),
    'llamaIndex': {
        'chat': lambda: llama(TEXT).complete(QUESTION).text,
        'stream': lambda: [chunk.delta or '' for chunk in llama(TEXT).stream_complete(QUESTION)],
        'tools': llama_tools,
        'schema': lambda: llama(TEXT)
        .as_structured_llm(Verdict)
        .complete(QUESTION)
        .raw.model_dump(),
        'embeddings': lambda: OpenAILikeEmbedding(
            model_name=EMBEDDING, api_base=URL, api_key=KEY
        ).get_text_embedding_batch(TEXTS),
        'errors': lambda: failure(lambda: llama(NOBODY).complete(QUESTION)),
        'abort': llama_abort,
    },
    'instructor': {
        'schema': lambda: instruct(TOOLS).model_dump(),
        'errors': lambda: failure(lambda: instruct(NOBODY)),
    },
    'litellm': {
        'chat': lambda: ask(TEXT).choices[0].message.content,
        'stream': lambda: [chunk.choices[0].delta.content or '' for chunk in ask(TEXT, stream=True)],
        'tools': lite_tools,
        'schema': lambda: json.loads(
            ask(
                TEXT,
                response_format={
                    'type': 'json_schema',
                    'json_schema': {'name': 'verdict', 'schema': SCHEMA, 'strict': True},
                },
            )
            .choices[0]
            .message.content
        ),
        'embeddings': lambda: [
            row['embedding']
            for row in litellm.embedding(
                model=f'openai/{EMBEDDING}', input=TEXTS, api_base=URL, api_key=KEY, encoding_format='float'
            ).data
        ],
        'errors': lambda: failure(lambda: ask(NOBODY)),
        'abort': lite_abort,
    },
})
