//! What a check is, what it is given and how it reports.

use vauban_domain::{Asset, AssetId, Evidence, Finding, Locator, Rule, Severity};
use vauban_formats::{Defect, Parsed};
use vauban_knowledge::Knowledge;

use crate::clouds::Clouds;
use crate::{Inventory, Look};

/// A passive rule: its metadata and the function that looks.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// What its findings are findings of.
    pub rule: &'static Rule,
    /// What it looks at, and how.
    pub look: Look,
}

/// One input of one format: a file, or a member of one.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a, T: ?Sized> {
    /// The typed facts.
    pub facts: &'a T,
    /// Everything parsed at this place, for what lies below it.
    pub parsed: &'a Parsed,
    /// What was wrong with the bytes.
    pub defects: &'a [Defect],
    /// The place: file, and member if it is inside a container.
    pub locator: &'a Locator,
    /// The asset that the file belongs to.
    pub asset: &'a Asset,
    /// Assets seen in the same file, `asset` among them if the file is one.
    pub assets_here: &'a [&'a Asset],
    /// The facts to judge by.
    pub knowledge: &'a Knowledge,
}

/// The whole estate, for rules about how assets hang together.
#[derive(Debug, Clone, Copy)]
pub struct Estate<'a> {
    /// Assets, relations, declaration and parsed files.
    pub inventory: &'a Inventory<'a>,
    /// Its cloud resources.
    pub clouds: &'a Clouds<'a>,
    /// The facts to judge by.
    pub knowledge: &'a Knowledge,
}

/// Where a check puts what it found.
#[derive(Debug)]
pub struct Report {
    rule: &'static Rule,
    pub(crate) findings: Vec<Finding>,
    pub(crate) looked_at: Vec<AssetId>,
    pub(crate) skipped: Vec<(AssetId, String)>,
}

impl Report {
    pub(crate) fn new(rule: &'static Rule) -> Self {
        Self { rule, findings: Vec::new(), looked_at: Vec::new(), skipped: Vec::new() }
    }

    /// A finding about `asset` with the rule's own severity; `message` says what is wrong here.
    pub fn find(&mut self, asset: &AssetId, message: impl Into<String>, evidence: Vec<Evidence>) {
        self.findings.push(Finding::new(self.rule, asset, message, evidence));
    }

    /// A finding that is more or less severe than usual.
    pub fn find_as(
        &mut self,
        severity: Severity,
        asset: &AssetId,
        message: impl Into<String>,
        evidence: Vec<Evidence>,
    ) {
        self.findings.push(Finding::new(self.rule, asset, message, evidence).with_severity(severity));
    }

    /// Says that `asset` was looked at, so that silence about it means clean. Estate checks must call it for every
    /// asset they judge; for checks of one file the runner does.
    pub fn looked_at(&mut self, asset: &AssetId) {
        self.looked_at.push(asset.clone());
    }

    /// Says that `asset` should have been looked at and was not, and why.
    pub fn skip(&mut self, asset: &AssetId, reason: impl Into<String>) {
        self.skipped.push((asset.clone(), reason.into()));
    }
}
