//! `vauban sign`.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, bail};
use ring::rand::{SecureRandom as _, SystemRandom};
use vauban_export::signature::{Decision, SigningKey, Statement, TrustedReviewer, sha256};

use super::signed::{Subject, bounded, earlier, reviewers};
use crate::arguments::{Common, SignArguments, SignCommand};
use crate::{Ended, present, style};

/// Letters of a comment, at most; more belongs into a document of its own.
const LONGEST_COMMENT: usize = 4_096;

/// Signs a review, or makes a key pair.
pub(crate) fn run(common: &Common, arguments: &SignArguments) -> anyhow::Result<Ended> {
    if let Some(SignCommand::Keygen { name }) = &arguments.command {
        return keygen(common, name);
    }
    let (Some(path), Some(decision)) = (&arguments.key, arguments.decision) else {
        bail!("nothing says which key signs and what is decided; give --key and --decision");
    };
    if arguments.comment.chars().count() > LONGEST_COMMENT {
        bail!("the comment has more than {LONGEST_COMMENT} letters; put it into a document and name that");
    }
    if decision == Decision::Reject && arguments.comment.trim().is_empty() {
        bail!("the rejection has no reason; say why with --comment");
    }
    let key = SigningKey::from_pem(&bounded(path, 16 * 1024)?)
        .with_context(|| format!("`{}` is no private key", path.display()))?;
    let mut subject = Subject::read(common, &arguments.signed)?;
    let (declared, _) = reviewers(&arguments.signed, &subject.document)?;
    let (signer, role) = who(arguments, &key, &declared)?;
    let systems = &subject.document.review.declaration.systems;
    if let Some(system) = &arguments.system
        && !systems.iter().any(|known| known.name == *system)
    {
        let known: Vec<_> = systems.iter().map(|system| system.name.as_str()).collect();
        bail!("the review knows no system `{system}`; it has {}", known.join(", "));
    }
    let statement = Statement {
        review: subject.document.review.id.clone(),
        document: sha256(&subject.bytes),
        sequence: 0,
        previous: None,
        signer: signer.clone(),
        role: role.clone(),
        key: String::new(),
        system: arguments.system.clone(),
        decision,
        comment: arguments.comment.clone(),
        signed_at: present::now(common)?.to_string(),
    };
    let line = subject.chain.next(&statement, earlier(&arguments.signed)?.as_deref(), &key)?;
    let place = subject.add(&line)?;
    if !common.quiet {
        let head = vauban_export::signature::Chain::of([line])?.head()?.unwrap_or_default();
        style::talk(&format!(
            "{} signed {} as {role}: {}, number {} in {place}",
            signer,
            statement.review,
            decision.as_str(),
            subject.chain.lines().len() + 1
        ));
        style::talk(&format!("keep its digest to notice a cut chain: --head {head}"));
    }
    Ok(Ended::Clean)
}

/// Name and role: as given, else as declared for the key.
fn who(
    arguments: &SignArguments,
    key: &SigningKey,
    declared: &[TrustedReviewer],
) -> anyhow::Result<(String, String)> {
    let public = key.public();
    let fits = |one: &&TrustedReviewer| {
        one.key.as_ref() == Some(&public)
            && arguments.by.as_ref().is_none_or(|by| *by == one.name)
            && arguments.role.as_ref().is_none_or(|role| *role == one.role)
    };
    let mut fitting: Vec<(&str, &str)> =
        declared.iter().filter(fits).map(|one| (one.name.as_str(), one.role.as_str())).collect();
    fitting.sort_unstable();
    fitting.dedup();
    match (fitting.as_slice(), &arguments.by, &arguments.role) {
        ([(name, role)], _, _) => Ok(((*name).to_owned(), (*role).to_owned())),
        (_, Some(by), Some(role)) => {
            if !declared.is_empty() {
                style::talk(&format!(
                    "no [[reviewer]] declares {by} as {role} with this key; `vauban verify` will say so"
                ));
            }
            Ok((by.clone(), role.clone()))
        }
        ([], _, _) => {
            bail!("no [[reviewer]] of vauban.toml has this key; declare it, or give --by and --role")
        }
        _ => bail!("the key is declared for several names or roles; give --by and --role"),
    }
}

/// Writes a new pair of keys.
fn keygen(common: &Common, name: &Path) -> anyhow::Result<Ended> {
    let mut seed = [0; 32];
    SystemRandom::new()
        .fill(&mut seed)
        .map_err(|_| anyhow::anyhow!("the system gives no random bytes; a key cannot be made"))?;
    let file = |ending: &str| {
        let mut file = name.as_os_str().to_owned();
        file.push(ending);
        std::path::PathBuf::from(file)
    };
    let (private, public) = (file(".key.pem"), file(".pub.pem"));
    for path in [&private, &public] {
        if path.exists() {
            bail!(
                "`{}` is there already; choose another name, since what it signed would be lost",
                path.display()
            );
        }
    }
    let key = SigningKey::from_seed(&seed).public();
    write_new(&private, &SigningKey::seed_to_pem(&seed), 0o600)?;
    write_new(&public, &key.to_pem(), 0o644)?;
    if !common.quiet {
        style::talk(&format!("private key, for you alone: {}", private.display()));
        style::talk(&format!("public key, to be declared with [[reviewer]] key: {}", public.display()));
        style::talk(&format!("its id: {}", key.id()));
    }
    Ok(Ended::Clean)
}

/// Writes a file that must not be there yet, readable by whom `mode` says.
fn write_new(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let context = || format!("cannot write `{}`; it must not be there yet", path.display());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path).with_context(context)?;
    file.write_all(text.as_bytes()).with_context(context)?;
    file.sync_all().with_context(context)
}
