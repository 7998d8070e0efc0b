"""Rewrites search queries."""
import pickle

import numpy as np
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def initialize(self, args):
        with open(args["model_repository"] + "/synonyms.pkl", "rb") as fh:
            self.synonyms = pickle.load(fh)

    def execute(self, requests):
        out = []
        for request in requests:
            q = pb_utils.get_input_tensor_by_name(request, "query").as_numpy()
            out.append(pb_utils.InferenceResponse([pb_utils.Tensor("rewritten", np.array([self.synonyms.get(x, x) for x in q.ravel()]))]))
        return out
