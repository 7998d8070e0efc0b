"""Settings of the assistant, from its environment."""

import os

SCHEDULER_URL = "https://scheduler.harbor-clinic.example/api"
SCHEDULER_USER = "assistant"
SCHEDULER_PASSWORD = os.environ["SCHEDULER_PASSWORD"]
RECORDS_DATABASE = os.environ["RECORDS_DATABASE"]
PASSWORD_HELP = "ask the service desk"
EXAMPLE_DATABASE = "postgresql://localhost:5432/records"
