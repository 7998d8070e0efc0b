"""The crew that writes and prices catalogue entries."""
from crewai import Agent, Crew, Task
from crewai_tools import CodeInterpreterTool, FileReadTool

price_analyst = Agent(
    role="Price analyst",
    goal="Propose a price that keeps the margin above 18 per cent",
    backstory="Knows every competitor's leaflet.",
    tools=[CodeInterpreterTool(unsafe_mode=True)],
    allow_delegation=True,
    max_iter=8,
)

catalog_writer = Agent(
    role="Catalogue writer",
    goal="Write plain descriptions from the attribute sheet",
    backstory="Has written ten thousand of them.",
    tools=[FileReadTool(file_path="/srv/catalogue/attributes.csv")],
    allow_delegation=False,
    max_iter=5,
)

catalog_crew = Crew(
    agents=[price_analyst, catalog_writer],
    tasks=[Task(description="Write entry for {sku}", expected_output="One entry", agent=catalog_writer)],
)
