"""HTTP API of the ranking service."""
import logging

from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.middleware.cors import CORSMiddleware

from reco import embeddings, llm_client, loaders

log = logging.getLogger(__name__)
app = FastAPI(title="reco-service")
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://shop.larch-retail.example.com"],
    allow_methods=["GET", "POST"],
)


def signed_in(x_larch_token: str = Header(...)):
    from reco.auth import verify

    if not verify(x_larch_token):
        raise HTTPException(401)


@app.post("/rank", dependencies=[Depends(signed_in)])
def rank(payload: dict):
    ranker = loaders.load_ranker_state("/srv/artefacts/ranker.pt")
    return {"items": ranker["order"][: payload.get("k", 20)]}


@app.get("/healthz")
def healthz():
    return {"ok": True}


@app.post("/score-expression", dependencies=[Depends(signed_in)])
def score_expression(payload: dict):
    text = llm_client.blurb(payload)
    return {"score": eval(text)}
