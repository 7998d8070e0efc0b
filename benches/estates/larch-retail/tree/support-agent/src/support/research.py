"""Market research with smolagents."""
from smolagents import CodeAgent, InferenceClientModel, WebSearchTool

model = InferenceClientModel(model_id="Qwen/Qwen2.5-Coder-32B-Instruct")

market_researcher = CodeAgent(
    tools=[WebSearchTool()],
    model=model,
    additional_authorized_imports=["*"],
    name="market_researcher",
)

sandboxed_researcher = CodeAgent(
    tools=[WebSearchTool()],
    model=model,
    executor_type="docker",
    additional_authorized_imports=["json", "math", "statistics"],
    max_steps=6,
    name="sandboxed_researcher",
)
