//! What a store must do, whatever database it is in.
//!
//! Each case gets a [`Home`]: an empty place of its own. `tests/sqlite.rs` and `tests/postgres.rs` run all of them.

mod sample;

use std::collections::BTreeMap;

use vauban_domain::{Digest, Fingerprint, Status, Timestamp, Verdict};
use vauban_store::{Saved, Store, StoreError, StoreLocation};

use sample::{at, outcome};
pub(crate) use sample::{finding, review};

/// An empty place for one test.
pub(crate) trait Home {
    /// Where a store can be opened, by any number of processes.
    fn location(&self) -> StoreLocation;

    /// Runs a statement behind the store's back.
    fn meddle(&self, statement: &'static str);

    /// The one text that a query gives, asked behind the store's back.
    fn look(&self, query: &'static str) -> String;
}

/// Runs every case against the homes that `$home` builds from a case's name.
#[macro_export]
macro_rules! every_case {
    ($home:path) => {
        every_case! { $home:
            a_saved_review_comes_back_to_the_byte
            a_review_is_saved_once
            hostile_text_is_kept_without_nul
            findings_have_a_history
            what_nobody_looked_at_is_not_fixed
            a_finding_is_fixed_when_its_asset_is_gone
            an_accepted_finding_stays_accepted_until_its_time_is_over
            the_last_acceptance_counts
            a_save_that_is_cut_off_leaves_the_last_review_whole
            reviews_saved_at_once_are_all_there
            a_store_of_a_later_version_is_left_alone
            a_database_of_another_program_is_left_alone
            a_damaged_document_is_noticed
            signatures_keep_their_order_and_places
            a_store_of_the_first_version_is_brought_up_to_date
            thousands_of_rows_are_one_save
        }
    };
    ($home:path: $($case:ident)*) => {
        $(#[test]
        fn $case() {
            cases::$case(&$home(stringify!($case)));
        })*
    };
}

fn open(home: &impl Home) -> Store {
    Store::open(&home.location()).unwrap()
}

fn save(store: &mut Store, review: &vauban_domain::Review) -> Saved {
    store.save(review, review.id.as_bytes(), &BTreeMap::new()).unwrap()
}

pub(crate) fn a_saved_review_comes_back_to_the_byte(home: &impl Home) {
    let review = review("first", 1, vec![finding("pickle-code-execution", "os.system")]);
    let blob = b"the pickle itself".repeat(1000);
    let digest = Digest::of(&blob);
    let document = br#"{"schema":"vauban/v1"}"#;
    open(home).save(&review, document, &BTreeMap::from([(digest, blob.clone())])).unwrap();

    let mut store = open(home);
    let row = store.latest("clinic").unwrap().unwrap();
    assert_eq!((row.id.as_str(), row.taken_at, row.assets, row.findings), ("first", at(1), 1, 1));
    assert_eq!(store.reviews("clinic").unwrap(), [row]);
    assert_eq!(store.subjects().unwrap(), ["clinic"]);
    assert_eq!(store.document("first").unwrap().unwrap(), document);
    assert_eq!(store.blob(digest).unwrap().unwrap(), blob);
    assert_eq!(store.document("second").unwrap(), None);
    assert_eq!(store.blob(Digest::of(b"never seen")).unwrap(), None);
    assert_eq!(store.latest("another clinic").unwrap(), None);
}

pub(crate) fn a_review_is_saved_once(home: &impl Home) {
    let mut store = open(home);
    let review = review("first", 1, vec![finding("pickle-code-execution", "os.system")]);
    assert_eq!(save(&mut store, &review), Saved::New);
    assert_eq!(save(&mut store, &review), Saved::AlreadyThere);
    assert_eq!(store.reviews("clinic").unwrap().len(), 1);
}

pub(crate) fn hostile_text_is_kept_without_nul(home: &impl Home) {
    let mut store = open(home);
    let mut hostile = finding("artifact-malformed", "'; DROP TABLE reviews; --");
    hostile.message = "nul \0 and 'quotes' and \u{202e} and $1".to_owned();
    save(&mut store, &review("first", 1, vec![]));
    save(&mut store, &review("second", 2, vec![hostile]));
    let kept = home.look("SELECT message FROM findings");
    assert_eq!(kept, "nul \u{fffd} and 'quotes' and \u{202e} and $1");
}

pub(crate) fn findings_have_a_history(home: &impl Home) {
    let mut store = open(home);
    let (a, b) = (finding("pickle-code-execution", "a"), finding("pickle-unsafe-import", "b"));
    let first = review("first", 1, vec![a.clone()]);
    assert!(store.history(&first).unwrap().is_empty(), "no review before, no history");
    save(&mut store, &first);

    let second = review("second", 2, vec![a.clone(), b.clone()]);
    let history = store.history(&second).unwrap();
    assert_eq!((&history[&a.fingerprint], &history[&b.fingerprint]), (&Status::Open, &Status::New));
    save(&mut store, &second);

    let third = review("third", 3, vec![b.clone()]);
    let history = store.history(&third).unwrap();
    assert_eq!((&history[&a.fingerprint], &history[&b.fingerprint]), (&Status::Fixed, &Status::Open));
    save(&mut store, &third);

    let fourth = review("fourth", 4, vec![]);
    let history = store.history(&fourth).unwrap();
    assert_eq!((history.get(&a.fingerprint), &history[&b.fingerprint]), (None, &Status::Fixed));
    save(&mut store, &fourth);

    let fifth = review("fifth", 5, vec![a.clone()]);
    assert_eq!(store.history(&fifth).unwrap()[&a.fingerprint], Status::Reopened);
    save(&mut store, &fifth);
    let sixth = review("sixth", 6, vec![a.clone()]);
    assert_eq!(store.history(&sixth).unwrap()[&a.fingerprint], Status::Open);
}

pub(crate) fn what_nobody_looked_at_is_not_fixed(home: &impl Home) {
    let mut store = open(home);
    let a = finding("pickle-code-execution", "a");
    save(&mut store, &review("first", 1, vec![a.clone()]));
    let mut second = review("second", 2, vec![]);
    second.outcomes = vec![outcome("pickle-code-execution", Verdict::Failed("took too long".to_owned()))];
    assert_eq!(store.history(&second).unwrap()[&a.fingerprint], Status::Unchecked);
    save(&mut store, &second);

    let third = review("third", 3, vec![a.clone()]);
    assert_eq!(store.history(&third).unwrap()[&a.fingerprint], Status::Open);
}

pub(crate) fn a_finding_is_fixed_when_its_asset_is_gone(home: &impl Home) {
    let mut store = open(home);
    let a = finding("pickle-code-execution", "a");
    save(&mut store, &review("first", 1, vec![a.clone()]));
    let mut second = review("second", 2, vec![]);
    second.assets.clear();
    second.outcomes.clear();
    assert_eq!(store.history(&second).unwrap()[&a.fingerprint], Status::Fixed);
}

pub(crate) fn an_accepted_finding_stays_accepted_until_its_time_is_over(home: &impl Home) {
    let mut store = open(home);
    let a = finding("pickle-code-execution", "a");
    save(&mut store, &review("first", 1, vec![a.clone()]));
    store.accept(&a.fingerprint, "isolated host", at(5), "ann", at(1)).unwrap();

    let status = Status::Accepted { reason: "isolated host".to_owned(), until: at(5) };
    let inside = review("second", 4, vec![a.clone()]);
    assert_eq!(store.history(&inside).unwrap()[&a.fingerprint], status);
    save(&mut store, &inside);

    let after = review("third", 5, vec![a.clone()]);
    assert_eq!(store.history(&after).unwrap()[&a.fingerprint], Status::Open);
    let flags =
        |now| -> Vec<bool> { open(home).acceptances(now).unwrap().iter().map(|one| one.expired).collect() };
    assert_eq!((flags(at(4)), flags(at(5))), (vec![false], vec![true]));
}

pub(crate) fn the_last_acceptance_counts(home: &impl Home) {
    let mut store = open(home);
    let fingerprint = Fingerprint::parse("0123456789abcdef").unwrap();
    store.accept(&fingerprint, "first thought", at(9), "ann", at(1)).unwrap();
    store.accept(&fingerprint, "second thought", at(2), "bea", at(1)).unwrap();
    let acceptances = store.acceptances(at(3)).unwrap();
    assert_eq!(acceptances.len(), 1);
    let one = &acceptances[0];
    assert_eq!((one.reason.as_str(), one.by.as_str(), one.expired), ("second thought", "bea", true));
}

pub(crate) fn a_save_that_is_cut_off_leaves_the_last_review_whole(home: &impl Home) {
    let mut store = open(home);
    let a = finding("pickle-code-execution", "a");
    save(&mut store, &review("first", 1, vec![a.clone()]));
    // The states are the last thing a save writes.
    home.meddle("ALTER TABLE finding_states RENAME TO elsewhere");
    let second = review("second", 2, vec![]);
    let error = store.save(&second, b"{}", &BTreeMap::from([(Digest::of(b"x"), b"x".to_vec())])).unwrap_err();
    assert!(matches!(error, StoreError::Database { .. }), "{error}");
    home.meddle("ALTER TABLE elsewhere RENAME TO finding_states");

    let ids = |store: &mut Store| -> Vec<String> {
        store.reviews("clinic").unwrap().into_iter().map(|row| row.id).collect()
    };
    assert_eq!(ids(&mut store), ["first"]);
    assert_eq!(store.blob(Digest::of(b"x")).unwrap(), None);
    assert_eq!(store.history(&second).unwrap()[&a.fingerprint], Status::Fixed);
    // The same store, on the same connection, can try again.
    assert_eq!(save(&mut store, &second), Saved::New);
    assert_eq!(ids(&mut store), ["second", "first"]);
}

pub(crate) fn reviews_saved_at_once_are_all_there(home: &impl Home) {
    const WRITERS: usize = 6;
    const REVIEWS: usize = 5;
    let location = home.location();
    // Everybody opens, and makes, the same store at the same moment.
    let gate = std::sync::Barrier::new(WRITERS);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (location, gate) = (&location, &gate);
            scope.spawn(move || {
                gate.wait();
                let mut store = Store::open(location).unwrap();
                for number in 0..REVIEWS {
                    let findings =
                        vec![finding("one-rule", "shared"), finding("two-rule", &format!("{writer}"))];
                    let review = review(&format!("{writer}-{number}"), 1, findings);
                    assert!(store.history(&review).is_ok());
                    assert_eq!(save(&mut store, &review), Saved::New);
                }
            });
        }
    });
    let mut store = open(home);
    let rows = store.reviews("clinic").unwrap();
    assert_eq!(rows.len(), WRITERS * REVIEWS);
    assert!(rows.iter().all(|row| row.findings == 2));
    for row in rows {
        assert_eq!(store.document(&row.id).unwrap().unwrap(), row.id.as_bytes());
    }
}

pub(crate) fn a_store_of_a_later_version_is_left_alone(home: &impl Home) {
    save(&mut open(home), &review("first", 1, vec![]));
    home.meddle("UPDATE vauban_schema SET version = 99");
    let error = Store::open(&home.location()).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("update vauban"), "{error}");
}

pub(crate) fn a_database_of_another_program_is_left_alone(home: &impl Home) {
    home.meddle("CREATE TABLE invoices (number BIGINT)");
    let error = Store::open(&home.location()).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
}

pub(crate) fn a_damaged_document_is_noticed(home: &impl Home) {
    let mut store = open(home);
    save(&mut store, &review("first", 1, vec![]));
    home.meddle("UPDATE blobs SET size = 0");
    assert!(matches!(store.document("first"), Err(StoreError::Corrupt { .. })));
}

pub(crate) fn thousands_of_rows_are_one_save(home: &impl Home) {
    let mut store = open(home);
    let findings = (0..3000).map(|number| finding("one-rule", &number.to_string())).collect();
    save(&mut store, &review("first", 1, findings));
    assert_eq!(store.latest("clinic").unwrap().unwrap().findings, 3000);
    let second = review("second", 2, vec![]);
    assert_eq!(store.history(&second).unwrap().len(), 3000);
    save(&mut store, &second);
    assert!(store.history(&review("third", 3, vec![])).unwrap().is_empty(), "all were fixed by the second");
    assert_eq!(Timestamp::from_date(2026, 1, 1), Some(at(0)));
}

pub(crate) fn signatures_keep_their_order_and_places(home: &impl Home) {
    let mut store = open(home);
    save(&mut store, &review("first", 1, vec![]));
    save(&mut store, &review("second", 2, vec![]));
    assert!(store.signatures("first").unwrap().is_empty());
    store.sign("first", 1, "{\"payload\":\"a\"}").unwrap();
    store.sign("second", 1, "of another review").unwrap();
    // Two people sign after the same one: the second is told, and nothing is lost.
    store.sign("first", 2, "by the first").unwrap();
    assert!(matches!(store.sign("first", 2, "by the second"), Err(StoreError::Signed(_))));
    for number in 3..=11 {
        store.sign("first", number, &format!("number {number}")).unwrap();
    }
    let signatures = open(home).signatures("first").unwrap();
    assert_eq!(signatures.len(), 11);
    assert_eq!(
        [&signatures[0], &signatures[1], &signatures[10]],
        ["{\"payload\":\"a\"}", "by the first", "number 11"]
    );
    assert!(matches!(store.sign("third", 1, "of no review"), Err(StoreError::NoReview(_))));
}

pub(crate) fn a_store_of_the_first_version_is_brought_up_to_date(home: &impl Home) {
    save(&mut open(home), &review("first", 1, vec![]));
    home.meddle("DROP TABLE signatures; UPDATE vauban_schema SET version = 1");
    let mut store = open(home);
    assert_eq!(store.reviews("clinic").unwrap().len(), 1);
    store.sign("first", 1, "now it can be signed").unwrap();
}
