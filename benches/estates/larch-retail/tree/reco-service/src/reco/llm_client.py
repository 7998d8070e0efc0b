"""Short product blurbs written by a hosted model."""
import os

from openai import OpenAI

client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])

gateway = OpenAI(
    base_url="http://llm-gateway.ml.larch-retail.example.net:4000/v1",
    api_key="@@FAKE:openai_key:gateway@@",
)

local = OpenAI(base_url="http://127.0.0.1:8000/v1", api_key="EMPTY")

BLURB_PROMPT = """You write product blurbs for Larch Retail.
Two sentences, no prices, no health claims.
Only use the attributes you are given."""


def blurb(attributes: dict) -> str:
    answer = client.chat.completions.create(
        model="gpt-4o-mini-2024-07-18",
        messages=[
            {"role": "system", "content": BLURB_PROMPT},
            {"role": "user", "content": str(attributes)},
        ],
        max_tokens=120,
    )
    return answer.choices[0].message.content


def review_summary(reviews: list[str]) -> str:
    joined = "\n".join(reviews)
    answer = gateway.chat.completions.create(
        model="larch-chat",
        messages=[
            {"role": "system", "content": f"Summarise these reviews for shoppers:\n{joined}"},
        ],
    )
    return answer.choices[0].message.content
