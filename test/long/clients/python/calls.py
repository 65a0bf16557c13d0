"""What the Python clients share: each program makes the calls that it is named and prints their results as JSON."""
import json
import os
import sys
import traceback

URL = os.environ['GATEWAY_URL']
ORIGIN = URL.removesuffix('/v1')
KEY = os.environ['GATEWAY_KEY']
TEXT, TOOLS, EMBEDDING, ENDLESS = (
    os.environ[f'GATEWAY_{name}'] for name in ('TEXT', 'TOOLS', 'EMBEDDING', 'ENDLESS')
)
QUESTION = os.environ['GATEWAY_QUESTION']
WEATHER = os.environ['GATEWAY_WEATHER']
NOBODY = 'nobody-has-this'
TEXTS = ['one text', 'another']
MESSAGES = [{'role': 'user', 'content': QUESTION}]
PARAMETERS = {
    'type': 'object',
    'properties': {'city': {'type': 'string'}},
    'required': ['city'],
    'additionalProperties': False,
}
SCHEMA = {
    'type': 'object',
    'properties': {'ok': {'type': 'boolean'}},
    'required': ['ok'],
    'additionalProperties': False,
}


def failure(call):
    """The client's own error."""
    try:
        call()
    except Exception as error:
        found = error
        while found is not None and getattr(found, 'status_code', None) is None:
            found = found.__cause__ or found.__context__
        return {'status': getattr(found, 'status_code', None), 'message': str(error)}
    raise AssertionError('it did not fail')


def run(clients):
    """Makes all calls of all clients; a call that fails is told as such."""
    results = {}
    for name, calls in clients.items():
        results[name] = {}
        for call, make in calls.items():
            try:
                results[name][call] = {'value': make()}
            except Exception:
                results[name][call] = {'failed': traceback.format_exc()[-2000:]}
    json.dump(results, sys.stdout)
