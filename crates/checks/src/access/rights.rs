//! What an identity may do, all its policies taken together.

use vauban_formats::cloud::{Held, Placed, Stack, Statement};

use crate::Estate;

/// Types that act with rights of their own.
const IDENTITIES: &[&str] = &["aws_iam_group", "aws_iam_role", "aws_iam_user"];

/// Every identity that rules about rights look at. Roles of the provider's own services are the provider's.
pub(super) fn identities<'e, 'a>(
    estate: &'e Estate<'a>,
) -> impl Iterator<Item = (&'e Stack<'a>, &'e Placed<'a>)> {
    let own = |(_, it): &(&Stack<'_>, &Placed<'_>)| !it.name.starts_with("AWSServiceRoleFor");
    estate.clouds.of_kind(IDENTITIES).filter(own)
}

/// The statements of an identity, except those that allow everything of a service or all services: they are a
/// finding of their own.
pub(super) struct Rights<'s, 'a> {
    held: Vec<Held<'s, 'a>>,
}

impl<'s, 'a> Rights<'s, 'a> {
    /// The rights of an identity; `None` where a boundary that is not known cuts them down.
    pub(super) fn of(stack: &'s Stack<'a>, identity: &'s Placed<'a>) -> Option<Self> {
        let mut held = stack.policies(identity);
        if held.iter().any(|held| held.statements.iter().any(is_everything)) {
            held.clear();
        }
        for held in &mut held {
            held.statements.retain(|statement| !is_wide(statement));
        }
        let rights = Self { held };
        if rights.held.iter().all(|held| held.statements.is_empty()) {
            return Some(rights);
        }
        match identity.has("permissions_boundary") {
            Some(false) | None => Some(rights),
            Some(true) => None,
        }
    }

    /// The first statement that allows and fits, with the resource that holds it.
    pub(super) fn find(&self, fits: impl Fn(&Statement) -> bool) -> Option<(&'s Placed<'a>, &Statement)> {
        self.held.iter().find_map(|held| {
            let statement = held.statements.iter().find(|statement| statement.allows && fits(statement))?;
            Some((held.holder, statement))
        })
    }

    /// Whether some policy forbids it without condition.
    pub(super) fn denies(&self, action: &str, arn: &str) -> bool {
        self.held.iter().flat_map(|held| &held.statements).any(|statement| {
            !statement.allows
                && statement.conditions.is_empty()
                && statement.covers_action(action)
                && statement.covers_resource(arn)
        })
    }
}

/// Whether it allows everything.
pub(super) fn is_everything(statement: &Statement) -> bool {
    let all = statement.actions.iter().any(|action| action == "*" || action == "*:*");
    statement.allows && (all || !statement.not_actions.is_empty()) && statement.is_everywhere()
}

/// Whether it allows everything, or all of a service everywhere.
pub(super) fn is_wide(statement: &Statement) -> bool {
    let everywhere = statement.is_everywhere();
    let wide = |action: &String| action == "*" || action == "*:*" || action.ends_with(":*") && everywhere;
    statement.allows
        && (statement.actions.iter().any(wide) || !statement.not_actions.is_empty() && everywhere)
}
