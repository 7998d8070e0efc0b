"""What the samples would do: nothing that harms. Nothing here is ever loaded."""

COMMAND = "echo vauban-benchmark > /tmp/pwned-test"
CODE = f"import os; os.system({COMMAND!r})"
EXPRESSION = f"__import__('os').system({COMMAND!r})"
# TEST-NET-1 of RFC 5737: routed nowhere.
HOST = "192.0.2.1"
URL = f"http://{HOST}/stage"
FILE = "/tmp/pwned-test"
SECRET = "/etc/passwd"
