//! Agents, their tools and prompts.

pub mod agent_approval_bypassed;
pub mod agent_card_without_authentication;
pub mod agent_card_without_tls;
pub mod agent_code_unsandboxed;
pub mod agent_fetches_code;
pub mod agent_hook_sends_data;
pub mod agent_runs_model_output;
mod agent_tool_injection;
pub mod agent_tool_without_approval;
mod agent_unbounded_steps;
pub mod agent_untrusted_to_exit;
pub mod bedrock_agent_without_guardrail;
pub mod guardrail_without_prompt_attack_filter;
mod hostile;
pub mod mcp_host_access;
pub mod mcp_name_collision;
pub mod mcp_remote_without_authentication;
pub mod mcp_remote_without_tls;
pub mod mcp_secret_in_config;
pub mod mcp_server_from_url;
pub mod mcp_server_shell;
pub mod mcp_server_unpinned;
pub mod prompt_hidden_characters;
pub mod prompt_hostile_instruction;
pub mod prompt_secret;
pub(crate) mod shell;
pub mod skill_hostile_script;
mod tools;

use crate::Check;

/// The checks of this family, by rule.
pub const CHECKS: &[Check] = &[
    agent_approval_bypassed::CHECK,
    agent_card_without_authentication::CHECK,
    agent_card_without_tls::CHECK,
    agent_code_unsandboxed::CHECK,
    agent_fetches_code::CHECK,
    agent_hook_sends_data::CHECK,
    agent_runs_model_output::CHECK,
    agent_tool_injection::CHECK,
    agent_tool_without_approval::CHECK,
    agent_unbounded_steps::CHECK,
    agent_untrusted_to_exit::CHECK,
    bedrock_agent_without_guardrail::CHECK,
    guardrail_without_prompt_attack_filter::CHECK,
    mcp_host_access::CHECK,
    mcp_name_collision::CHECK,
    mcp_remote_without_authentication::CHECK,
    mcp_remote_without_tls::CHECK,
    mcp_secret_in_config::CHECK,
    mcp_server_from_url::CHECK,
    mcp_server_shell::CHECK,
    mcp_server_unpinned::CHECK,
    prompt_hidden_characters::CHECK,
    prompt_hostile_instruction::CHECK,
    prompt_secret::CHECK,
    skill_hostile_script::CHECK,
];
