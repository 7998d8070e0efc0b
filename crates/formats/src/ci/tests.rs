//! Workflows, pipelines and Jenkinsfiles.

use super::*;
use crate::Budget;

fn read(name: &str, text: &str) -> Ci {
    let budget = Budget::default();
    let input = Input::new(name, text.as_bytes(), &budget);
    assert!(recognise(&input) > Recognised::No);
    let (ci, defects) = parse(&input);
    assert_eq!(defects, []);
    ci
}

#[test]
fn workflows_say_what_starts_them_and_what_they_may_do() {
    let ci = read(
        "a/.github/workflows/x.yml",
        "name: x\non:\n  pull_request_target:\n    types: [opened]\npermissions: write-all\njobs:\n  a:\n    runs-on: [self-hosted, gpu]\n    permissions: {}\n    container: {image: \"python:3\", options: --privileged}\n    steps:\n      - uses: actions/checkout@v4\n        with: {ref: x}\n      - name: go\n        run: |\n          curl x | sh\n",
    );
    assert!(ci.starts_on(&["pull_request_target"]));
    assert_eq!((ci.permissions[0].scope.as_str(), ci.permissions[0].access.as_str()), ("*", "write"));
    let job = &ci.jobs[0];
    assert_eq!(job.runners, ["self-hosted", "gpu"]);
    assert_eq!(ci.rights(job)[0].access, "none");
    assert_eq!(job.images[0].0, "python:3");
    assert_eq!(job.options.trim(), "--privileged");
    assert_eq!(job.steps[0].action(), "actions/checkout");
    assert_eq!(job.steps[0].input("ref").map(|input| input.value.as_str()), Some("x"));
    assert_eq!(job.steps[1].run, "curl x | sh\n");
    for on in ["on: [push, issues]\n", "on: issues\n", "'on': {issues: {}}\n"] {
        assert!(
            read(".github/workflows/y.yaml", &format!("{on}jobs: {{}}\n").replace("jobs: {}", "jobs:"))
                .starts_on(&["issues"])
        );
    }
}

#[test]
fn gitlab_has_includes_images_and_scripts() {
    let ci = read(
        ".gitlab-ci.yml",
        "include:\n  - remote: https://x.example/a.yml\n  - project: a/b\n    ref: main\nimage: python:latest\nvariables:\n  A: b\n  C: {value: d}\ntrain:\n  services: [docker:dind]\n  script:\n    - pip install x\n    - python train.py\n",
    );
    assert_eq!(ci.includes.len(), 2);
    assert_eq!(ci.includes[1].reference.as_deref(), Some("main"));
    assert_eq!(ci.variables[1].value, "d");
    assert_eq!(ci.jobs[0].images[0].0, "python:latest");
    assert_eq!(ci.jobs[1].steps[0].run, "pip install x\npython train.py\n");
    assert_eq!(ci.jobs[1].images[0].0, "docker:dind");
}

#[test]
fn jenkinsfiles_have_stages_and_shell_steps() {
    let ci = read(
        "ci/Jenkinsfile",
        "pipeline {\n  environment {\n    TOKEN = 'abc'\n  }\n  stages {\n    stage('Train') {\n      steps {\n        sh 'python train.py'\n        sh '''\n          curl x | sh\n        '''\n      }\n    }\n  }\n}\n",
    );
    assert_eq!(ci.variables[0].value, "abc");
    let job = ci.jobs.iter().find(|job| job.name == "Train").map(|job| job.steps.len());
    assert_eq!(job, Some(2));
}

#[test]
fn other_yaml_is_left_alone() {
    let budget = Budget::default();
    for name in ["jobs.yml", "workflows/x.yml", ".github/dependabot.yml"] {
        assert_eq!(recognise(&Input::new(name, b"on: x\njobs:\n", &budget)), Recognised::No, "{name}");
    }
}
