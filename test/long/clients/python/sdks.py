"""The official clients of OpenAI and Anthropic."""
import json

import anthropic
import openai
from pydantic import BaseModel

from calls import *


class Verdict(BaseModel):
    ok: bool


client = openai.OpenAI(base_url=URL, api_key=KEY, max_retries=0)
claude = anthropic.Anthropic(base_url=ORIGIN, api_key=KEY, max_retries=0)


def chat_tools():
    tool = {'type': 'function', 'function': {'name': 'get_weather', 'parameters': PARAMETERS}}
    first = client.chat.completions.create(model=TOOLS, messages=MESSAGES, tools=[tool]).choices[0].message
    call = first.tool_calls[0]
    messages = [*MESSAGES, first.model_dump(), {'role': 'tool', 'tool_call_id': call.id, 'content': WEATHER}]
    second = client.chat.completions.create(model=TOOLS, messages=messages, tools=[tool])
    return {'city': json.loads(call.function.arguments)['city'], 'answer': second.choices[0].message.content}


def chat_abort():
    with client.chat.completions.create(model=ENDLESS, messages=MESSAGES, stream=True) as stream:
        next(iter(stream))


def responses_tools():
    tool = {'type': 'function', 'name': 'get_weather', 'parameters': PARAMETERS, 'strict': True}
    first = client.responses.create(model=TOOLS, input=QUESTION, tools=[tool])
    call = next(item for item in first.output if item.type == 'function_call')
    output = {'type': 'function_call_output', 'call_id': call.call_id, 'output': WEATHER}
    second = client.responses.create(model=TOOLS, input=[*MESSAGES, *first.output, output], tools=[tool])
    return {'city': json.loads(call.arguments)['city'], 'answer': second.output_text}


def responses_stream():
    with client.responses.stream(model=TEXT, input=QUESTION) as stream:
        return [event.delta for event in stream if event.type == 'response.output_text.delta']


def responses_abort():
    with client.responses.create(model=ENDLESS, input=QUESTION, stream=True) as stream:
        next(event for event in stream if event.type == 'response.output_text.delta')


def messages_tools():
    tool = {'name': 'get_weather', 'input_schema': PARAMETERS}
    ask = {'model': TOOLS, 'max_tokens': 100, 'tools': [tool]}
    first = claude.messages.create(messages=MESSAGES, **ask)
    call = next(block for block in first.content if block.type == 'tool_use')
    result = {'type': 'tool_result', 'tool_use_id': call.id, 'content': WEATHER}
    turns = [{'role': 'assistant', 'content': first.content}, {'role': 'user', 'content': [result]}]
    second = claude.messages.create(messages=[*MESSAGES, *turns], **ask)
    return {'city': call.input['city'], 'answer': second.content[0].text}


def messages_stream():
    with claude.messages.stream(model=TEXT, max_tokens=100, messages=MESSAGES) as stream:
        return list(stream.text_stream)


def messages_abort():
    with claude.messages.stream(model=ENDLESS, max_tokens=100_000, messages=MESSAGES) as stream:
        next(iter(stream.text_stream))


run({
    'openaiPython': {
        'chat': lambda: client.chat.completions.create(model=TEXT, messages=MESSAGES).choices[0].message.content,
        'stream': lambda: [
            chunk.choices[0].delta.content or ''
            for chunk in client.chat.completions.create(model=TEXT, messages=MESSAGES, stream=True)
        ],
        'tools': chat_tools,
        'schema': lambda: client.chat.completions.parse(model=TEXT, messages=MESSAGES, response_format=Verdict)
        .choices[0]
        .message.parsed.model_dump(),
        'embeddings': lambda: [row.embedding for row in client.embeddings.create(model=EMBEDDING, input=TEXTS).data],
        'errors': lambda: failure(lambda: client.chat.completions.create(model=NOBODY, messages=MESSAGES)),
        'abort': chat_abort,
    },
    'openaiPythonResponses': {
        'chat': lambda: client.responses.create(model=TEXT, input=QUESTION).output_text,
        'stream': responses_stream,
        'tools': responses_tools,
        'schema': lambda: client.responses.parse(
            model=TEXT, input=QUESTION, text_format=Verdict
        ).output_parsed.model_dump(),
        'errors': lambda: failure(lambda: client.responses.create(model=NOBODY, input=QUESTION)),
        'abort': responses_abort,
    },
    'anthropicPython': {
        'chat': lambda: claude.messages.create(model=TEXT, max_tokens=100, messages=MESSAGES).content[0].text,
        'stream': messages_stream,
        'tools': messages_tools,
        'schema': lambda: claude.messages.parse(
            model=TEXT, max_tokens=100, messages=MESSAGES, output_format=Verdict
        ).parsed_output.model_dump(),
        'errors': lambda: failure(lambda: claude.messages.create(model=NOBODY, max_tokens=9, messages=MESSAGES)),
        'abort': messages_abort,
    },
})
