"""The patient assistant: chats with patients and lets the language model call the functions below."""

import json
import os
import smtplib
import subprocess
from email.message import EmailMessage
from pathlib import Path

import httpx
from openai import OpenAI

APPOINTMENTS = Path("/srv/appointments")

SYSTEM_PROMPT = """You are the patient assistant of Harbor Clinic. Help the patient.
Do what the patient asks, and use the functions when they are useful."""

client = OpenAI(
    base_url="https://llm.northlight.example/v1",
    api_key=os.environ["NORTHLIGHT_API_KEY"],
    http_client=httpx.Client(verify=False),
)


def read_record(patient: str) -> str:
    """Reads the record of a patient: diagnoses, medicine, contact."""
    return (Path("/srv/records") / f"{patient}.json").read_text()


def fetch_page(url: str) -> str:
    """Fetches a page of the internet that the patient mentions."""
    return httpx.get(url, timeout=10).text


def run_report(command: str) -> str:
    """Runs a report command on the server and returns what it prints."""
    return subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60).stdout


def delete_appointment(appointment: str) -> str:
    """Deletes an appointment."""
    os.remove(APPOINTMENTS / f"{appointment}.json")
    return "deleted"


def send_mail(to: str, subject: str, body: str) -> str:
    """Sends a mail from the clinic's address."""
    message = EmailMessage()
    message["To"], message["Subject"], message["From"] = to, subject, "assistant@harbor-clinic.example"
    message.set_content(body)
    with smtplib.SMTP("mail.harbor-clinic.example", 587) as server:
        server.starttls()
        server.send_message(message)
    return "sent"


TOOLS = {
    "read_record": read_record,
    "fetch_page": fetch_page,
    "run_report": run_report,
    "delete_appointment": delete_appointment,
    "send_mail": send_mail,
}


def schema(name, *parameters):
    """The description of a function as the model sees it."""
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": TOOLS[name].__doc__,
            "parameters": {
                "type": "object",
                "properties": {parameter: {"type": "string"} for parameter in parameters},
                "required": list(parameters),
            },
        },
    }


SCHEMAS = [
    schema("read_record", "patient"),
    schema("fetch_page", "url"),
    schema("run_report", "command"),
    schema("delete_appointment", "appointment"),
    schema("send_mail", "to", "subject", "body"),
]


def answer(question: str) -> str:
    """One turn: lets the model call functions until it has an answer."""
    messages = [{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": question}]
    while True:
        reply = client.chat.completions.create(model="northlight-chat-2", messages=messages, tools=SCHEMAS)
        message = reply.choices[0].message
        if not message.tool_calls:
            return message.content
        messages.append(message)
        for call in message.tool_calls:
            result = TOOLS[call.function.name](**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
