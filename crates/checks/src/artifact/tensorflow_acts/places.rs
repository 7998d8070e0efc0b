//! Operators that open a path or address, and where they take it from.

use super::Kind;

/// How an operator uses the path that it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Reads the file whole: its content becomes a value.
    Read,
    /// Reads records, lines or table entries.
    Records,
    /// Reads tensors of a checkpoint.
    Restore,
    /// Writes a file.
    Write,
    /// Writes what training leaves: checkpoints.
    Save,
    /// Writes what training leaves: logs, caches.
    Log,
    /// Connects to an address.
    Connect,
}

/// Operators with a path or address: which input or attribute it is.
pub(super) const PLACES: &[(&str, Use, Where)] = &[
    ("CSVDataset", Use::Records, Where::Input(0)),
    ("CSVDatasetV2", Use::Records, Where::Input(0)),
    ("CacheDataset", Use::Log, Where::Input(1)),
    ("CacheDatasetV2", Use::Log, Where::Input(1)),
    ("CreateSummaryDbWriter", Use::Log, Where::Input(1)),
    ("CreateSummaryFileWriter", Use::Log, Where::Input(1)),
    ("DTensorRestoreV2", Use::Restore, Where::Input(0)),
    ("DataServiceDataset", Use::Connect, Where::Input(2)),
    ("DataServiceDatasetV2", Use::Connect, Where::Input(2)),
    ("DataServiceDatasetV3", Use::Connect, Where::Input(2)),
    ("DataServiceDatasetV4", Use::Connect, Where::Input(2)),
    ("DatasetToTFRecord", Use::Write, Where::Input(1)),
    ("DebugIdentity", Use::Write, Where::Attribute("debug_urls")),
    ("DebugIdentityV2", Use::Write, Where::Attribute("debug_urls")),
    ("DebugIdentityV3", Use::Write, Where::Attribute("debug_urls")),
    ("DebugNanCount", Use::Write, Where::Attribute("debug_urls")),
    ("DebugNumericSummary", Use::Write, Where::Attribute("debug_urls")),
    ("DecodeProtoV2", Use::Records, Where::Attribute("descriptor_source")),
    ("DistributedSave", Use::Write, Where::Input(1)),
    ("DumpTensor", Use::Write, Where::Attribute("log_dir")),
    ("EncodeProto", Use::Records, Where::Attribute("descriptor_source")),
    ("ExperimentalCSVDataset", Use::Records, Where::Input(0)),
    ("ExperimentalDatasetToTFRecord", Use::Write, Where::Input(1)),
    ("ExperimentalLMDBDataset", Use::Records, Where::Input(0)),
    ("ExperimentalMatchingFilesDataset", Use::Records, Where::Input(0)),
    ("ExperimentalSqlDataset", Use::Records, Where::Input(1)),
    ("FixedLengthRecordDataset", Use::Records, Where::Input(0)),
    ("FixedLengthRecordDatasetV2", Use::Records, Where::Input(0)),
    ("GenerateVocabRemapping", Use::Records, Where::Input(0)),
    ("ImmutableConst", Use::Read, Where::Attribute("memory_region_name")),
    ("InitializeTableFromTextFile", Use::Records, Where::Input(1)),
    ("InitializeTableFromTextFileV2", Use::Records, Where::Input(1)),
    ("LMDBDataset", Use::Records, Where::Input(0)),
    ("ListSnapshotChunksDataset", Use::Records, Where::Input(0)),
    ("LoadAndRemapMatrix", Use::Restore, Where::Input(0)),
    ("LoadDataset", Use::Records, Where::Input(0)),
    ("MatchingFiles", Use::Read, Where::Input(0)),
    ("MatchingFilesDataset", Use::Records, Where::Input(0)),
    ("MergeV2Checkpoints", Use::Save, Where::Input(1)),
    ("PrintV2", Use::Write, Where::Attribute("output_stream")),
    ("ReadFile", Use::Read, Where::Input(0)),
    ("RegisterDataset", Use::Connect, Where::Input(1)),
    ("RegisterDatasetV2", Use::Connect, Where::Input(1)),
    ("Restore", Use::Restore, Where::Input(0)),
    ("RestoreSlice", Use::Restore, Where::Input(0)),
    ("RestoreV2", Use::Restore, Where::Input(0)),
    ("RpcClient", Use::Connect, Where::Input(0)),
    ("RpcServer", Use::Connect, Where::Input(0)),
    ("Save", Use::Save, Where::Input(0)),
    ("SaveDataset", Use::Write, Where::Input(1)),
    ("SaveDatasetV2", Use::Write, Where::Input(1)),
    ("SaveSlices", Use::Save, Where::Input(0)),
    ("SaveV2", Use::Save, Where::Input(0)),
    ("SnapshotDataset", Use::Log, Where::Input(1)),
    ("SnapshotDatasetReader", Use::Records, Where::Input(0)),
    ("SnapshotDatasetV2", Use::Log, Where::Input(1)),
    ("SqlDataset", Use::Records, Where::Input(1)),
    ("TFRecordDataset", Use::Records, Where::Input(0)),
    ("TFRecordDatasetV2", Use::Records, Where::Input(0)),
    ("TextLineDataset", Use::Records, Where::Input(0)),
    ("WriteFile", Use::Write, Where::Input(0)),
];

/// Where an operator takes its path from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Where {
    Input(usize),
    Attribute(&'static str),
}

/// Operators that run Python.
pub(super) const PYTHON: &[&str] = &["EagerPyFunc", "PyFunc", "PyFuncStateless"];

/// What one operator could do, whatever its arguments: for formats whose arguments are not followed.
pub(in crate::artifact) fn power(op: &str) -> Option<Kind> {
    if PYTHON.contains(&op) {
        return Some(Kind::Code);
    }
    if op.starts_with("Rpc") {
        return Some(Kind::Network);
    }
    let index = PLACES.binary_search_by(|(name, ..)| (*name).cmp(op)).ok()?;
    match PLACES.get(index)?.1 {
        Use::Read | Use::Write => Some(Kind::Files),
        Use::Connect => Some(Kind::Network),
        Use::Records | Use::Restore | Use::Save | Use::Log => {
            (!op.starts_with("InitializeTable") && !op.starts_with("PrintV2")).then_some(Kind::Files)
        }
    }
}

/// How an operator opens what, if it does.
pub(super) fn place(op: &str) -> Option<(Use, Where)> {
    let index = PLACES.binary_search_by(|(name, ..)| (*name).cmp(op)).ok()?;
    PLACES.get(index).map(|(_, how, place)| (*how, *place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_sorted_and_known() {
        assert!(PLACES.is_sorted_by_key(|(name, ..)| *name));
        assert!(PLACES.iter().all(|(name, ..)| super::super::is_known(name)));
    }
}
