-- Signatures of reviews: one signed envelope to a row, in the order of the chain.
CREATE TABLE signatures (
    review TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    envelope TEXT NOT NULL,
    PRIMARY KEY (review, sequence)
);
