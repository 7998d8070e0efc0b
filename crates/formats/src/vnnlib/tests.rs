use super::*;
use crate::Budget;

const PROPERTY: &str = "; a comment\n(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n\
    (declare-const Y_1 Real)\n(assert (<= X_0 0.5)) ; another\n(assert (and (>= X_0 -0.5) (<= X_1 X_1)))\n\
    (assert (or (and (<= Y_0 Y_1)) (and (>= (+ Y_1 (* (- 2) Y_0) 1) 3) (<= Y_1 1e1))))\n";

const DECLARED: &str = "(declare-const X_0 Real)";

fn read_text(text: &str) -> (Vnnlib, Vec<Defect>) {
    let budget = Budget::default();
    read(&Input::new("p.vnnlib", text.as_bytes(), &budget))
}

fn defect(text: &str) -> Defect {
    read_text(text).1.remove(0)
}

fn atom(terms: &[(Variable, f64)], bound: f64) -> Atom {
    Atom { terms: terms.to_vec(), bound }
}

#[test]
fn what_holds_in_every_case_is_kept_once_and_alternatives_are_spread_out() {
    let (x, y) = (Variable::Input, Variable::Output);
    let (property, defects) = read_text(PROPERTY);
    assert_eq!(defects, []);
    assert_eq!((property.inputs, property.outputs), (2, 2));
    // `X_1 <= X_1` says nothing, and is kept as `0 <= 0`.
    assert_eq!(property.common, [atom(&[(x(0), 1.0)], 0.5), atom(&[(x(0), -1.0)], 0.5), atom(&[], 0.0)]);
    let first = vec![atom(&[(y(0), 1.0), (y(1), -1.0)], 0.0)];
    let second = vec![atom(&[(y(0), 2.0), (y(1), -1.0)], -2.0), atom(&[(y(1), 1.0)], 10.0)];
    assert_eq!(property.cases, [first, second]);
}

#[test]
fn asserts_with_alternatives_multiply_and_none_can_never_hold() {
    let either = "(assert (or (<= X_0 1) (<= X_0 2) (<= X_0 3)))";
    let (property, defects) = read_text(&format!("{DECLARED}{either}{either}"));
    assert_eq!((defects.len(), property.cases.len(), property.cases[5].len()), (0, 9, 2));
    assert_eq!(property.cases[5][1].bound, 3.0);
    let (property, defects) = read_text(&format!("{DECLARED}(assert (or)){either}"));
    assert_eq!((defects.len(), property.cases.len()), (0, 0));
}

#[test]
fn what_is_not_understood_is_said() {
    assert_eq!(defect("(assert (<= X_0 1))").detail, "a variable is not declared");
    assert!(defect("(declare-const X_1 Real)").detail.contains("missing between"));
    assert!(defect("(declare-const X_00 Real)").detail.contains("no variable"));
    assert!(defect(&format!("{DECLARED}{DECLARED}")).detail.contains("twice"));
    assert!(defect("(assert (< X_0 1))").detail.contains("`<` with 2 parts"));
    assert!(defect("(assert (<= (* X_0 X_0) 1))").detail.contains("not linear"));
    assert!(defect("(assert (<= X_0 inf))").detail.contains("not finite"));
    assert!(defect("(assert (<= X_0 (* 1e200 1e200)))").detail.contains("not finite"));
    assert!(defect("(assert (<= X_0 1)").detail.contains("not closed"));
    assert!(defect("(assert (<= X_0 1)))").detail.contains("not opened"));
    assert!(defect("(declare-const X_0 Int)").detail.contains("neither"));
}

#[test]
fn hostile_properties_cost_little() {
    assert_eq!(defect(&"(".repeat(100)).code, "limit-depth");
    assert_eq!(defect(&"(assert (or (<= X_0 1) (<= X_0 2)))".repeat(40)).code, "limit-records");
    // Alternatives without atoms multiply too.
    assert_eq!(defect(&"(assert (or (and) (and)))".repeat(40)).code, "limit-records");
    let doubling = format!("(assert (and {}))", "(or (and) (and))".repeat(40));
    assert_eq!(defect(&doubling).code, "limit-records");
    // Each of these fits; all together do not.
    let sixteen = format!("(and {})", "(or (<= X_0 1) (<= X_0 2))".repeat(13));
    assert_eq!(defect(&format!("(assert (or {}))", sixteen.repeat(100))).code, "limit-records");
    for at in 0..PROPERTY.len() {
        read_text(&PROPERTY[..at]);
    }
}
