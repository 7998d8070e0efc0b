//! Boosted models whose trees lead out of their arrays.

use crate::check;

const LIES: &[&str] = &["artifact-malformed"];

#[test]
fn xgboost() {
    let model = |left: i32, features: u32| {
        format!(
            r#"{{"learner":{{"gradient_booster":{{"model":{{"gbtree_model_param":{{"num_trees":"1"}},"tree_info":[0],
            "trees":[{{"left_children":[{left},-1,-1],"right_children":[2,-1,-1],"split_indices":[3,0,0],
            "split_conditions":[0.5,1.0,2.0],"tree_param":{{"num_nodes":"3"}}}}]}},"name":"gbtree"}},
            "learner_model_param":{{"base_score":"5E-1","num_class":"0","num_feature":"{features}"}},
            "objective":{{"name":"binary:logistic"}}}},"version":[3,2,0]}}"#
        )
    };
    check("m.json", model(1, 4).as_bytes(), &[]);
    check("m.json", model(99, 4).as_bytes(), LIES);
    check("m.json", model(0, 4).as_bytes(), LIES);
    check("m.json", model(1, 2).as_bytes(), LIES);
}

#[test]
fn lightgbm() {
    let model = |left: i32| {
        let tree = format!(
            "Tree=0\nnum_leaves=2\nsplit_feature=0\nthreshold=0.5\nleft_child={left}\nright_child=-2\nleaf_value=0 1\n\n"
        );
        let size = tree.len();
        format!("tree\nversion=v4\nnum_class=1\nmax_feature_idx=1\ntree_sizes={size}\n\n{tree}end of trees\n")
    };
    check("m.txt", model(-1).as_bytes(), &[]);
    check("m.txt", model(-7).as_bytes(), LIES);
    check("m.txt", model(7).as_bytes(), LIES);
}

#[test]
fn catboost() {
    check("m.cbm", b"CBM1\xff\xff\xff\x7f\x10\0\0\0", LIES);
}
