//! Chores of the repository: `cargo xtask new|gen|tidy`.

#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, reason = "chores read and write the repository")]
#![expect(clippy::print_stdout, reason = "chores talk to the developer")]

use clap::{Parser, Subcommand};
use xtask::{generate, new, root, tidy};

/// Chores of the repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Starts a check: its file, its line in the list, its fixtures
    New {
        /// Family, `config`.
        family: String,
        /// Rule id, lower-case words joined by hyphens.
        rule: String,
    },
    /// Writes the generated pages of docs/reference
    Gen,
    /// Looks for what the conventions forbid
    Tidy,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().chore {
        Chore::New { family, rule } => {
            for path in new::check(&root(), &family, &rule)? {
                println!("wrote {}", path.display());
            }
            println!("next: fill in the rule and the fixtures, then run cargo test -p vauban-checks");
        }
        Chore::Gen => {
            for page in generate::pages()? {
                let path = root().join(page.path);
                if std::fs::read_to_string(&path).ok().as_deref() != Some(page.text.as_str()) {
                    if let Some(folder) = path.parent() {
                        std::fs::create_dir_all(folder)?;
                    }
                    std::fs::write(&path, &page.text)?;
                    println!("wrote {}", page.path);
                }
            }
            println!(
                "next: VAUBAN_BLESS=1 cargo test -p vauban --test reference writes docs/reference/commands.md"
            );
        }
        Chore::Tidy => {
            let complaints = tidy::complaints(&root())?;
            for complaint in &complaints {
                println!("{complaint}");
            }
            anyhow::ensure!(complaints.is_empty(), "{} complaints", complaints.len());
        }
    }
    Ok(())
}
