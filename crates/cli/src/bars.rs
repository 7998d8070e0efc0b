//! Progress on standard error: bars on a terminal, nothing elsewhere.

use std::io::IsTerminal;
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};
use vauban_engine::Progress;

/// Draws one bar per stage.
#[derive(Debug, Default)]
pub(crate) struct Bars {
    shown: bool,
    current: Mutex<Option<ProgressBar>>,
}

impl Bars {
    /// Bars on a terminal; silence when `quiet` or when standard error goes elsewhere.
    pub(crate) fn new(quiet: bool) -> Self {
        Self { shown: !quiet && std::io::stderr().is_terminal(), current: Mutex::default() }
    }

    /// Takes the last bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = self.lock().take() {
            bar.finish_and_clear();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<ProgressBar>> {
        self.current.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Progress for Bars {
    fn begin(&self, stage: &str, units: u64) {
        self.finish();
        if !self.shown {
            return;
        }
        let bytes = stage == "read";
        let (bar, template) = match (units, bytes) {
            (0, _) => (ProgressBar::new_spinner(), "{spinner} {msg}"),
            (_, true) => (
                ProgressBar::new(units),
                "{msg:10} [{bar:32}] {bytes}/{total_bytes} {bytes_per_sec} eta {eta}",
            ),
            (_, false) => (ProgressBar::new(units), "{msg:10} [{bar:32}] {pos}/{len} eta {eta}"),
        };
        bar.set_style(
            ProgressStyle::with_template(template)
                .expect("the template is one of ours")
                .progress_chars("=> "),
        );
        bar.set_message(stage.to_owned());
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        *self.lock() = Some(bar);
    }

    fn advance(&self, units: u64) {
        if let Some(bar) = &*self.lock() {
            bar.inc(units);
        }
    }
}
