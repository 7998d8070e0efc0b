-- Reviews and everything queryable about them. Times are RFC 3339 in UTC, which sorts as text.
CREATE TABLE blobs (
    digest TEXT PRIMARY KEY,
    size BIGINT NOT NULL,
    deflated BLOB NOT NULL
);

CREATE TABLE reviews (
    id TEXT PRIMARY KEY,
    -- Order of saving, which settles what "the review before" is.
    sequence BIGINT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    cause TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    tool_version TEXT NOT NULL,
    atlas_edition TEXT NOT NULL,
    maestro_edition TEXT NOT NULL,
    -- The 64 bits of the seed as a signed number.
    seed BIGINT NOT NULL
);
CREATE INDEX reviews_by_subject ON reviews (subject, sequence);

CREATE TABLE documents (
    review TEXT PRIMARY KEY REFERENCES reviews (id) ON DELETE CASCADE,
    digest TEXT NOT NULL REFERENCES blobs (digest)
);

CREATE TABLE assets (
    review TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    component TEXT NOT NULL,
    name TEXT NOT NULL,
    layer TEXT NOT NULL,
    confidence TEXT NOT NULL,
    place TEXT,
    digest TEXT,
    size BIGINT,
    system TEXT,
    PRIMARY KEY (review, id)
);

CREATE TABLE asset_attributes (
    review TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    asset TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (review, asset, attribute)
);

CREATE TABLE relations (
    review TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    confidence TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (review, source, kind, target)
);

CREATE TABLE findings (
    review TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    rule TEXT NOT NULL,
    asset TEXT NOT NULL,
    severity TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (review, fingerprint)
);

-- What is known of a finding over all reviews of a subject.
CREATE TABLE finding_states (
    subject TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    rule TEXT NOT NULL,
    asset TEXT NOT NULL,
    first_review TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_review TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    -- The review that looked again and no longer found it.
    fixed_in TEXT,
    PRIMARY KEY (subject, fingerprint)
);

CREATE TABLE evidence (
    review TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    evidence_key TEXT NOT NULL,
    path TEXT NOT NULL,
    member TEXT,
    line BIGINT,
    object_key TEXT,
    byte_offset BIGINT,
    excerpt TEXT NOT NULL,
    observed_at TEXT,
    PRIMARY KEY (review, fingerprint, ordinal)
);

CREATE TABLE outcomes (
    review TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    rule TEXT NOT NULL,
    asset TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (review, rule, asset)
);

CREATE TABLE measurements (
    review TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    asset TEXT NOT NULL,
    attack TEXT NOT NULL,
    metric TEXT NOT NULL,
    value REAL,
    low REAL,
    high REAL,
    level REAL,
    trials BIGINT NOT NULL,
    queries BIGINT NOT NULL,
    PRIMARY KEY (review, id)
);

CREATE TABLE coverage (
    review TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    asset TEXT NOT NULL,
    technique TEXT NOT NULL,
    prevent TEXT NOT NULL,
    detect TEXT NOT NULL,
    respond TEXT NOT NULL,
    tested TEXT NOT NULL,
    PRIMARY KEY (review, asset, technique)
);

-- Every decision is kept; the last one about a finding is in force.
CREATE TABLE acceptances (
    sequence BIGINT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    reason TEXT NOT NULL,
    until TEXT NOT NULL,
    accepted_by TEXT NOT NULL,
    accepted_at TEXT NOT NULL
);
CREATE INDEX acceptances_by_fingerprint ON acceptances (fingerprint, sequence);
