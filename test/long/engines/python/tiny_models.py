#!/usr/bin/env python3
"""Writes models of a few hundred kilobytes for vLLM, with a tokenizer each: nothing is downloaded.

Usage: tiny_models.py FOLDER. Makes FOLDER/tiny-chat, FOLDER/think and FOLDER/embed. Weights are random, from one seed.
The two that write follow a script: each token of it is followed by the next, whatever was said before.
"""
import sys
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())
CONTEXT = 1024
END = "<|im_end|>"
# The chat template ends a prompt with the first of a script; no piece is in two of them.
SCRIPTS = [
    ["<|say|>", "Paris is ", "the capital ", "of France.", END],
    [
        "<|call|>",
        "<tool_call>",
        '{"name": "get_weather", ',
        '"arguments": ',
        '{"city": "Paris"}}',
        "</tool_call>",
        END,
    ],
    ["<think>", "A question ", "about France.", "</think>", "<|say|>"],
]
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}: {{ message.content }}"
    + END
    + "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant: FIRST{% endif %}"
)
CHAT_TEMPLATE = TEMPLATE.replace("FIRST", "{% if tools %}<|call|>{% else %}<|say|>{% endif %}")
THINK_TEMPLATE = TEMPLATE.replace("FIRST", "<think>")


def byte_tokenizer(pieces, **special):
    """One token a byte, and one for each of the pieces."""
    tokenizer = Tokenizer(models.BPE(vocab={byte: i for i, byte in enumerate(BYTES)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    marks = ("<|", "[")
    tokenizer.add_tokens(
        [AddedToken(piece, normalized=False, special=piece.startswith(marks)) for piece in pieces]
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=CONTEXT, **special)


def write_chat(folder, template):
    pieces = list(dict.fromkeys(["<|im_start|>", END, *(piece for script in SCRIPTS for piece in script)]))
    tokenizer = byte_tokenizer(pieces, eos_token=END, pad_token=END)
    tokenizer.chat_template = template
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=CONTEXT,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=False,
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        # What a layer adds is nothing: the last token alone decides which one comes next.
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        vectors = torch.nn.functional.normalize(torch.randn(len(tokenizer), config.hidden_size))
        model.model.embed_tokens.weight.copy_(vectors)
        model.lm_head.weight.normal_(std=0.02)
        for script in SCRIPTS:
            ids = tokenizer.convert_tokens_to_ids(script)
            for before, after in zip(ids, ids[1:]):
                model.lm_head.weight[after] += vectors[before]
    save(folder, model, tokenizer)


def write_bert(folder):
    pieces = ["[CLS]", "[SEP]", "[PAD]"]
    tokenizer = byte_tokenizer(pieces, cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]")
    cls, sep = tokenizer.convert_tokens_to_ids(["[CLS]", "[SEP]"])
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", cls), ("[SEP]", sep)],
    )
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=256,
        pad_token_id=tokenizer.pad_token_id,
    )
    save(folder, BertModel(config), tokenizer)


def save(folder, model, tokenizer):
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def main(root):
    torch.manual_seed(1)
    write_chat(root / "tiny-chat", CHAT_TEMPLATE)
    write_chat(root / "think", THINK_TEMPLATE)
    write_bert(root / "embed")


main(Path(sys.argv[1]))
