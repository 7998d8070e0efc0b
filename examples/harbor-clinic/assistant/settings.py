"""Settings of the assistant. The values are made up for this example and open nothing."""

SCHEDULER_URL = "https://scheduler.harbor-clinic.example/api"
SCHEDULER_USER = "assistant"
SCHEDULER_PASSWORD = "harbor-demo-not-a-real-secret-7Qm2"
RECORDS_DATABASE = "postgresql://assistant:harbor-demo-not-a-real-one-4Tz9@records.harbor-clinic.example:5432/records"
