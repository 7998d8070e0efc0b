//! Agents, their tools and prompts.

pub mod agent_runs_model_output;
pub mod agent_tool_without_approval;
pub mod agent_untrusted_to_exit;
pub mod mcp_remote_without_tls;
pub mod mcp_secret_in_config;
pub mod mcp_server_unpinned;
pub mod prompt_hidden_characters;
pub mod prompt_secret;
mod tools;

use crate::Check;

/// The checks of this family, by rule.
pub const CHECKS: &[Check] = &[
    agent_runs_model_output::CHECK,
    agent_tool_without_approval::CHECK,
    agent_untrusted_to_exit::CHECK,
    mcp_remote_without_tls::CHECK,
    mcp_secret_in_config::CHECK,
    mcp_server_unpinned::CHECK,
    prompt_hidden_characters::CHECK,
    prompt_secret::CHECK,
];
