"""Lets the language model write the formula of a dose, and computes it."""

import os

from openai import OpenAI

client = OpenAI(base_url="https://llm.northlight.example/v1", api_key=os.environ["NORTHLIGHT_API_KEY"])


def dose(medicine: str, weight: float) -> float:
    """Milligrams of `medicine` for a patient of `weight` kilograms."""
    reply = client.chat.completions.create(
        model="northlight-chat-2",
        messages=[{"role": "user", "content": f"Python expression for the dose of {medicine}, w is {weight} kg"}],
    )
    formula = reply.choices[0].message.content
    return float(eval(formula, {"w": weight}))
