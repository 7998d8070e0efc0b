import pickle

from unittest import mock

FAKE_KEY = "sk-test-0000000000000000000000000000"
HF_PLACEHOLDER = "hf_your_token_here"


def test_blurb_uses_env(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", FAKE_KEY)
    with mock.patch("reco.llm_client.client") as client:
        client.chat.completions.create.return_value.choices = [mock.Mock()]
        assert client is not None


def test_roundtrip_is_stable():
    data = {"sku": "L-1001", "score": 0.5}
    assert pickle.loads(pickle.dumps(data)) == data
