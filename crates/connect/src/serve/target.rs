//! A served model as a target: scope, pace, retries and journal around one protocol.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use vauban_attacks::target::{Access, Bounds, LabelTarget, ScoreTarget, TargetError};
use vauban_attacks::wrapper::Answer;
use vauban_domain::{DeclaredTarget, Digest, Timestamp};

use super::ServeError;
use super::answer::{Meaning, Row, label};
use super::client::{Client, Header};
use super::journal::Journal;
use super::line::{Line, State, broken, close, metadata};
use super::pace::{Clock, Pace};
use super::protocol::protocol;
use super::scope::Scope;

/// Values in one request at most, whatever the batch: some ten bytes each.
const VALUES: usize = 4 << 20;

/// One sample, to ask the first question with.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// Its elements.
    pub row: &'a [f32],
    /// Its extents, without the number of samples.
    pub shape: &'a [usize],
    /// Number of classes that the labels of all samples show at least; what a model that answers with labels has
    /// unless the declaration says otherwise.
    pub classes: usize,
}

/// A model behind an endpoint.
///
/// Asked in order, one request after the other. A row that was answered once is answered the same from then on, in this
/// run and in all others with its journal.
#[derive(Debug)]
pub struct ServedModel {
    line: Line,
    meaning: Meaning,
    width: usize,
    bounds: Bounds,
    state: Mutex<State>,
}

impl ServedModel {
    /// Asks the endpoint about one sample and takes the answer as a sign of what it grants.
    ///
    /// `headers` are sent with every request and written nowhere. The question is a query like any other: it is counted,
    /// and answered from the journal in a run that goes on.
    ///
    /// # Errors
    /// [`ServeError`] when nothing may be sent, the journal is another's, or the answer is no classifier's.
    pub fn connect(
        target: &DeclaredTarget,
        headers: Vec<Header>,
        journal: &Path,
        sample: Sample<'_>,
        clock: Box<dyn Clock>,
    ) -> Result<Self, ServeError> {
        let scope = Scope::new(target)?;
        scope.permits(&scope.predict(), clock.now())?;
        let width = sample.row.len();
        let extents: Result<Vec<usize>, _> =
            target.shape.iter().map(|extent| usize::try_from(*extent)).collect();
        let mut shape = match extents {
            Ok(extents) if !extents.is_empty() => extents,
            _ => sample.shape.to_vec(),
        };
        let permitted =
            json!({ "budget": target.budget, "from": time(target.from), "until": time(target.until) });
        let known = Journal::open(journal, &identity(target, &scope, &shape), &permitted, clock.now())?;
        let client =
            Client::new(headers, Duration::from_secs(u64::from(target.timeout_seconds.clamp(1, 3600))));
        let mut pace = Pace::new(scope.rate);
        let metadata = metadata(&client, &scope, &mut pace, clock.as_ref())?;
        if let (true, Some(told)) = (target.shape.is_empty(), metadata.sample(&target.input)) {
            shape = told;
        }
        let product = shape.iter().try_fold(1_usize, |product, extent| product.checked_mul(*extent));
        if width == 0 || product != Some(width) {
            let what = format!("a sample has {width} values, the model takes {shape:?}");
            return Err(ServeError::Answer(what));
        }
        let protocol = protocol(target, &shape, &metadata).map_err(ServeError::Answer)?;
        let line = Line { scope, client, protocol, clock };
        let mut state = State { journal: known, pace, remembered: 0, closed: None };
        let meaning = first(&line, &mut state, target, sample)?;
        let bounds = Bounds { low: target.low as f32, high: target.high as f32 };
        Ok(Self { line, meaning, width, bounds, state: Mutex::new(state) })
    }

    /// The target with what it grants.
    pub fn access(&self) -> Access<'_> {
        if self.meaning.gives_scores() { Access::Scores(self) } else { Access::Labels(self) }
    }

    /// The address that is asked.
    pub fn address(&self) -> String {
        self.line.scope.predict()
    }

    /// Rows sent so far, in all runs with this journal, retries and rows without an answer included.
    pub fn sent(&self) -> u64 {
        self.lock().journal.sent()
    }

    /// Rows sent at most.
    pub fn budget(&self) -> u64 {
        self.line.scope.budget
    }

    /// Rows of this run that were answered without being sent.
    pub fn remembered(&self) -> u64 {
        self.lock().remembered
    }

    /// Why nothing more is sent, if that is so.
    pub fn closed(&self) -> Option<TargetError> {
        self.lock().closed.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answers to `inputs`, from the journal or the server.
    fn answers(&self, inputs: &[f32]) -> Result<Vec<Answer>, TargetError> {
        if !inputs.len().is_multiple_of(self.width) {
            let what = format!("{} values are no rows of {}", inputs.len(), self.width);
            return Err(TargetError::Failed(what));
        }
        if inputs.iter().any(|value| !value.is_finite()) {
            return Err(TargetError::Failed("a row holds a value that is not finite".to_owned()));
        }
        let rows: Vec<(&[f32], [u8; 32])> =
            inputs.chunks_exact(self.width).map(|row| (row, digest(row))).collect();
        let mut state = self.lock();
        let mut seen = HashSet::new();
        let new: Vec<(&[f32], [u8; 32])> = rows
            .iter()
            .filter(|(_, key)| state.journal.answer(key).is_none() && seen.insert(*key))
            .copied()
            .collect();
        // Half a batch is of no use to who asked: nothing is sent unless all of it may be.
        if new.len() as u64 > self.line.scope.budget.saturating_sub(state.journal.sent()) {
            return Err(TargetError::BudgetSpent);
        }
        let most = self.line.scope.batch.min(self.line.protocol.most()).min((VALUES / self.width).max(1));
        for part in new.chunks(most) {
            self.ask(&mut state, part)?;
        }
        state.remembered += (rows.len() - new.len()) as u64;
        let found = rows.iter().map(|(_, key)| state.journal.answer(key).cloned());
        found.collect::<Option<_>>().ok_or_else(|| TargetError::Failed("an answer was lost".to_owned()))
    }

    /// Sends some rows and writes the answers down.
    fn ask(&self, state: &mut State, part: &[(&[f32], [u8; 32])]) -> Result<(), TargetError> {
        let rows: Vec<&[f32]> = part.iter().map(|(row, _)| *row).collect();
        let body = self.line.exchange(state, &rows)?;
        let read: Result<Vec<Answer>, String> = self
            .line
            .protocol
            .decode(&body, rows.len())
            .and_then(|answers| answers.iter().map(|row| self.meaning.answer(row)).collect());
        let now = self.line.clock.now();
        match read {
            Ok(answers) => {
                let keys = part.iter().map(|(_, key)| *key);
                state.journal.answers(keys.zip(answers).collect(), now).map_err(broken)
            }
            Err(why) => {
                state.journal.failed(&why, now).map_err(broken)?;
                Err(close(state, TargetError::Failed(why)))
            }
        }
    }
}

/// What the answer to the first question shows; the question is not sent if the journal knows the answer.
fn first(
    line: &Line,
    state: &mut State,
    target: &DeclaredTarget,
    sample: Sample<'_>,
) -> Result<Meaning, ServeError> {
    if let Some(known) = state.journal.answer(&digest(sample.row)) {
        return Meaning::settle(target, &Row::of(known, target), sample.classes).map_err(ServeError::Answer);
    }
    let body = line.exchange(state, &[sample.row])?;
    let settled = line.protocol.decode(&body, 1).and_then(|rows| {
        let row = rows.into_iter().next().ok_or("no answer came")?;
        let meaning = Meaning::settle(target, &row, sample.classes)?;
        Ok((meaning.answer(&row)?, meaning))
    });
    let now = line.clock.now();
    match settled {
        Ok((answer, meaning)) => {
            state.journal.answers(vec![(digest(sample.row), answer)], now)?;
            Ok(meaning)
        }
        Err(why) => {
            state.journal.failed(&why, now)?;
            Err(ServeError::Answer(format!("`{}`: {why}", line.scope.predict())))
        }
    }
}

/// A time for the journal; empty for none.
fn time(time: Option<Timestamp>) -> String {
    time.map(|time| time.to_string()).unwrap_or_default()
}

/// What a journal must agree with: all that decides which model answers and how rows and answers are read.
fn identity(target: &DeclaredTarget, scope: &Scope, shape: &[usize]) -> Value {
    json!({
        "url": scope.predict(), "protocol": target.protocol, "input": target.input, "output": target.output,
        "format": target.format, "columns": target.columns, "datatype": target.datatype, "body": target.body,
        "pointer": target.pointer, "answers": target.answers, "labels": target.labels, "shape": shape,
        "low": target.low, "high": target.high,
    })
}

/// SHA-256 of the elements as little-endian 32-bit floats.
fn digest(row: &[f32]) -> [u8; 32] {
    let bytes: Vec<u8> = row.iter().flat_map(|value| value.to_le_bytes()).collect();
    *Digest::of(&bytes).bytes()
}

impl LabelTarget for ServedModel {
    fn width(&self) -> usize {
        self.width
    }

    fn classes(&self) -> usize {
        self.meaning.classes()
    }

    fn bounds(&self) -> Bounds {
        self.bounds
    }

    fn in_order(&self) -> bool {
        true
    }

    fn labels(&self, inputs: &[f32]) -> Result<Vec<u32>, TargetError> {
        Ok(self.answers(inputs)?.iter().map(label).collect())
    }
}

impl ScoreTarget for ServedModel {
    fn scores(&self, inputs: &[f32]) -> Result<Vec<f32>, TargetError> {
        let mut scores = Vec::new();
        for answer in self.answers(inputs)? {
            match answer {
                Answer::Scores(row) if row.len() == self.meaning.classes() => scores.extend(row),
                _ => return Err(TargetError::Failed("the model answers with labels only".to_owned())),
            }
        }
        Ok(scores)
    }
}
