"""The support agent: a LangGraph graph with a tool node."""
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.prebuilt import create_react_agent

from support.prompts import SUPPORT_PROMPT
from support.tools import issue_refund, query_orders, run_maintenance, send_email
from support.tools_safe import lookup_order, propose_refund

llm = ChatOpenAI(model="gpt-4.1-2025-04-14", temperature=0)

support_agent = create_react_agent(
    model=llm,
    tools=[issue_refund, query_orders, run_maintenance, send_email],
    prompt=SUPPORT_PROMPT,
    name="larch_support_agent",
)

triage_agent = create_react_agent(
    model=llm,
    tools=[lookup_order, propose_refund],
    prompt="Sort the request and look the order up. Never promise money.",
    interrupt_before=["tools"],
    name="larch_triage_agent",
)


def run(message: str, thread: str):
    return support_agent.invoke(
        {"messages": [("user", message)]},
        config={"configurable": {"thread_id": thread}, "recursion_limit": 10000},
    )


def triage(message: str, thread: str):
    return triage_agent.invoke(
        {"messages": [("user", message)]},
        config={"configurable": {"thread_id": thread}, "recursion_limit": 12},
    )
