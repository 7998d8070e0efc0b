use super::*;
use crate::Budget;

fn model(left: &str, features: &str) -> String {
    format!(
        r#"{{"learner":{{"attributes":{{}},"gradient_booster":{{"model":{{"gbtree_model_param":{{"num_trees":"1"}},
        "tree_info":[0],"trees":[{{"left_children":{left},"right_children":[2,-1,-1],"parents":[2147483647,0,0],
        "split_indices":{features},"split_conditions":[0.5,1.0,2.0],"base_weights":[0.0,1E0,-1.5],
        "tree_param":{{"num_nodes":"3","num_feature":"4"}}}}]}},"name":"gbtree"}},
        "learner_model_param":{{"base_score":"5E-1","num_class":"0","num_feature":"4"}},
        "objective":{{"name":"binary:logistic"}}}},"version":[3,2,0]}}"#
    )
}

fn codes(bytes: &[u8]) -> Vec<&'static str> {
    let budget = Budget::default();
    read(&Input::new("m.json", bytes, &budget)).1.into_iter().map(|defect| defect.code).collect()
}

#[test]
fn indices_are_held_to_their_bounds() {
    assert!(codes(model("[1,-1,-1]", "[3,0,0]").as_bytes()).is_empty());
    assert_eq!(codes(model("[7,-1,-1]", "[3,0,0]").as_bytes()), ["xgboost-child"]);
    assert_eq!(codes(model("[0,-1,-1]", "[3,0,0]").as_bytes()), ["xgboost-cycle"]);
    assert_eq!(codes(model("[1,-1,-1]", "[4,0,0]").as_bytes()), ["xgboost-feature"]);
    assert_eq!(codes(model("[1,-1,-1]", "[3,0]").as_bytes()), ["xgboost-array-length"]);
    assert_eq!(codes(model("[1,-1]", "[3,0,0]").as_bytes()), ["xgboost-node-count"]);
}

/// One nesting of objects in UBJSON.
const UBJSON: &[u8] =
    b"{L\0\0\0\0\0\0\0\x07learner{i\x0aattributes{}i\x01a[$d#L\0\0\0\0\0\0\0\x01\x3f\x80\0\0i\x01b[#i\x02TZ}}";

#[test]
fn ubjson_in_both_spellings() {
    let budget = Budget::default();
    let tree = Reader::new(UBJSON, &budget).ubjson(0).unwrap();
    assert_eq!(tree.at("learner.a"), &Tree::Numbers(vec![1.0]));
    assert_eq!(tree.at("learner.b"), &Tree::List(vec![Tree::Bool(true), Tree::Null]));
    assert!(codes(UBJSON).is_empty());
    assert_eq!(codes(b"{i\x07learner[$L#l\x7f\0\0\0\0"), ["ubjson-length"]);
}

#[test]
fn broken_bytes_never_panic() {
    for good in [UBJSON, model("[1,-1,-1]", "[3,0,0]").as_bytes()] {
        for at in 0..good.len() {
            codes(&good[..at]);
            for bit in [1, 4, 0x80] {
                let mut bytes = good.to_vec();
                bytes[at] ^= bit;
                codes(&bytes);
            }
        }
    }
}
