//! What the threats of the whole estate come to: impacts, blast radii, layers, choke points, toxic combinations.

use vauban_domain::{AttackPath, Cascades};

use crate::ThreatGraph;

/// Works out everything that needs the whole graph; `paths` are the worst ones.
pub fn cascades(graph: &ThreatGraph<'_>, paths: &[AttackPath]) -> Cascades {
    let _ = (graph, paths);
    Cascades::default()
}
