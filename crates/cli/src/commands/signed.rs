//! What `vauban sign` and `vauban verify` both read: the document, its chain of signatures, and the declared reviewers.

use std::io::{Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};
use vauban_engine::DeclarationSource;
use vauban_export::signature::{Chain, MAXIMUM_BYTES, PublicKey, TrustedReviewer};
use vauban_export::v1::Document;
use vauban_store::Store;

use crate::arguments::{Common, Signed};
use crate::present;

/// Bytes of a key file that are read, at most.
const KEY_BYTES: usize = 16 * 1024;

/// A document with its exact bytes and its signatures.
pub(crate) struct Subject {
    pub(crate) document: Document,
    pub(crate) bytes: Vec<u8>,
    pub(crate) chain: Chain,
    place: Place,
}

/// Where signatures are kept.
enum Place {
    File(PathBuf),
    Store(Box<Store>, String),
}

impl Subject {
    /// Reads the document that was named, and its chain.
    pub(crate) fn read(common: &Common, signed: &Signed) -> anyhow::Result<Self> {
        let (bytes, chain, place) = match &signed.from {
            Some(path) => {
                let bytes = bounded(path, usize::MAX)?;
                let beside = beside(path)?;
                let chain = if beside.exists() { chain(&beside)? } else { Chain::default() };
                (bytes, chain, Place::File(beside))
            }
            None => {
                let mut store = present::store(common)?;
                let subject = super::subject_name(&signed.path);
                let id = match &signed.review {
                    Some(id) => id.clone(),
                    None => match store.latest(&subject)? {
                        Some(row) => row.id,
                        None => bail!(
                            "no review of `{subject}` is stored; make one with `vauban review`, or name a file with --from"
                        ),
                    },
                };
                let bytes = store
                    .document(&id)?
                    .with_context(|| format!("no review `{id}` is stored; see `vauban report --list`"))?;
                let chain = Chain::of(store.signatures(&id)?)?;
                (bytes, chain, Place::Store(Box::new(store), id))
            }
        };
        let document = Document::read(&bytes).context("what was named is no review in JSON v1")?;
        Ok(Self { document, bytes, chain, place })
    }

    /// Adds a line to the chain where it is kept; says where that is.
    pub(crate) fn add(&mut self, line: &str) -> anyhow::Result<String> {
        match &mut self.place {
            Place::Store(store, id) => {
                store.sign(id, self.chain.lines().len() as u64 + 1, line)?;
                Ok("the store".to_owned())
            }
            Place::File(path) => {
                let context = || format!("cannot write `{}`", path.display());
                let mut file = std::fs::OpenOptions::new()
                    .append(true)
                    .create(true)
                    .open(&*path)
                    .with_context(context)?;
                // In one piece, so that a reader sees the line whole or not at all.
                file.write_all(format!("{line}\n").as_bytes()).with_context(context)?;
                file.sync_all().with_context(context)?;
                Ok(path.display().to_string())
            }
        }
    }
}

/// `vauban.json.signatures.jsonl` beside `vauban.json`.
fn beside(path: &Path) -> anyhow::Result<PathBuf> {
    let mut name = path.file_name().context("the document is a folder; name a file in it")?.to_owned();
    name.push(".signatures.jsonl");
    Ok(path.with_file_name(name))
}

/// The head of the chain that another one continues, if one was named.
pub(crate) fn earlier(signed: &Signed) -> anyhow::Result<Option<String>> {
    let Some(path) = &signed.continues else { return Ok(None) };
    let head = chain(path)?.head().with_context(|| format!("cannot continue `{}`", path.display()))?;
    head.map(Some).with_context(|| format!("`{}` has no signature to continue", path.display()))
}

fn chain(path: &Path) -> anyhow::Result<Chain> {
    let bytes = bounded(path, MAXIMUM_BYTES)?;
    Chain::read(&bytes).with_context(|| format!("cannot use `{}`", path.display()))
}

/// The declared reviewers with their keys, and whether a `vauban.toml` declares them: without one the document's own
/// are taken, and those have no keys.
pub(crate) fn reviewers(
    signed: &Signed,
    document: &Document,
) -> anyhow::Result<(Vec<TrustedReviewer>, bool)> {
    let source = match &signed.config {
        Some(path) => DeclarationSource::File(path.clone()),
        None => DeclarationSource::AtRoot,
    };
    if signed.config.is_none() && !signed.path.join("vauban.toml").is_file() {
        let reviewers = document.review.declaration.reviewers.iter().map(|one| TrustedReviewer {
            name: one.name.clone(),
            role: one.role.clone(),
            systems: one.systems.clone(),
            key: None,
        });
        return Ok((reviewers.collect(), false));
    }
    let declaration = vauban_engine::read_declaration(&signed.path, &source)?;
    let mut reviewers = Vec::with_capacity(declaration.reviewers.len());
    for one in declaration.reviewers {
        let key = if one.key.is_empty() {
            None
        } else {
            let inside = Path::new(&one.key)
                .components()
                .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
            if !inside {
                bail!(
                    "{}: `{}` is not below the folder under review; put the key there",
                    one.locator,
                    one.key
                );
            }
            Some(
                public_key(&signed.path.join(&one.key))
                    .with_context(|| format!("{} names it", one.locator))?,
            )
        };
        reviewers.push(TrustedReviewer { name: one.name, role: one.role, systems: one.systems, key });
    }
    Ok((reviewers, true))
}

/// Reads a public key.
pub(crate) fn public_key(path: &Path) -> anyhow::Result<PublicKey> {
    PublicKey::from_pem(&bounded(path, KEY_BYTES)?)
        .with_context(|| format!("`{}` is no public key", path.display()))
}

/// Reads a file of at most `most` bytes.
#[expect(clippy::disallowed_methods, reason = "the user named the file")]
pub(crate) fn bounded(path: &Path, most: usize) -> anyhow::Result<Vec<u8>> {
    let context = || format!("cannot read `{}`", path.display());
    let file = std::fs::File::open(path).with_context(context)?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).with_context(context)?;
    if bytes.len() > most {
        bail!("`{}` has more than {most} bytes; it is not what was asked for", path.display());
    }
    Ok(bytes)
}
