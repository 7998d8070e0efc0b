"""Fallback to other providers."""
import os

import litellm
from anthropic import Anthropic

litellm.drop_params = True
claude = Anthropic()  # key from ANTHROPIC_API_KEY

AZURE_SETTINGS = {
    "api_base": "https://larch-aoai.openai.azure.com",
    "api_version": "2024-10-21",
    "api_key": os.getenv("AZURE_OPENAI_KEY"),
}
STAGING = {"anthropic_api_key": "@@FAKE:anthropic_key:staging@@"}


def ask(prompt: str) -> str:
    answer = litellm.completion(
        model="azure/gpt-4o",
        messages=[{"role": "user", "content": prompt}],
        fallbacks=["claude-3-5-haiku-20241022"],
        **AZURE_SETTINGS,
    )
    return answer.choices[0].message.content


def ask_claude(prompt: str) -> str:
    msg = claude.messages.create(
        model="claude-sonnet-4-20250514",
        max_tokens=600,
        messages=[{"role": "user", "content": prompt}],
    )
    return msg.content[0].text
