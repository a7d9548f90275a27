//! One row a user, in the columns that administrators know from Oracle's sample script.
//!
//! Beyond the sample there are the credentials that it cannot see, those whose capability is off
//! (`DISABLED BUT CONFIGURED`), and the cases in which it would be wrong: a flag that the domain does not give, a
//! kind that was read in part (`PARTIAL, …`) or was not asked for (`NOT AUDITED`).

use std::io::Write;

use credage_core::{Assessment, Capability, Coverage, Domain, Kind, OwnerView, Policy};

use crate::csv::shown;
use crate::sanitize::for_cell;
use crate::{RenderError, RenderOptions};

const NOT_APPLICABLE: &str = "N/A";

/// Writes the report.
pub(crate) fn render(
    assessment: &Assessment<'_>,
    options: &RenderOptions,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let mut rows = options.dialect.writer(out)?;
    let several = assessment.domains.len() > 1;
    let width = columns().len();
    let added =
        if several { shown(2, assessment.domains.iter().map(|each| &each.inventory.domain)) } else { 0 };
    let domain_columns = |domain: Option<&Domain>| {
        let cells = domain.map_or(["", ""], |domain| [&domain.name, &domain.url]);
        cells.map(|cell| for_cell(cell).into_owned()).into_iter().take(added)
    };
    let added = ["domain", "domain_url"].map(str::to_owned).into_iter().take(added);
    rows.write_record(columns().into_iter().chain(added))?;
    for (domain, reason) in gaps(assessment) {
        let mut record = vec![for_cell(&format!("NOT COMPLETE: {reason}")).into_owned()];
        record.resize(width, "ERROR:unreadable".to_owned());
        record.extend(domain_columns(domain));
        rows.write_record(&record)?;
    }
    for owner in assessment.by_owner(options.all_users) {
        let name = if owner.name.is_empty() { owner.id.as_str() } else { owner.name };
        let mut record = vec![for_cell(name).into_owned()];
        for kind in Kind::ALL {
            record.push(can_use(&owner, kind).to_owned());
            record.extend(cells(&owner, kind, assessment.policy));
        }
        record.extend(domain_columns(Some(&owner.domain.domain)));
        rows.write_record(&record)?;
    }
    rows.flush()?;
    Ok(())
}

/// What has no user to stand beside: domains that nobody saw, users that were not, or not all, read, and classes and waivers
/// that could not be decided.
fn gaps<'a>(assessment: &'a Assessment<'_>) -> Vec<(Option<&'a Domain>, String)> {
    let unseen =
        assessment.gaps.iter().map(|gap| (None, format!("could not {}: {}", gap.what, gap.why.reason)));
    let unread = assessment.domains.iter().filter_map(|domain| {
        let inventory = domain.inventory;
        let why = inventory.users_reading.coverage.incomplete()?;
        let domain = &inventory.domain;
        Some((Some(domain), format!("users of {}: {}", domain.label(), why.reason)))
    });
    let undecided = assessment.undecided.iter().filter(|each| each.is_unread());
    let undecided = undecided
        .map(|each| (Some(&each.domain.domain), format!("{}; {}", each.sentence(), each.consequence())));
    unseen.chain(unread).chain(undecided).collect()
}

fn columns() -> Vec<String> {
    let of_kind = |kind: Kind| {
        let name = column_name(kind);
        [
            format!("can_use_{name}"),
            format!("{name}_count"),
            format!("{name}_oldest_age_days"),
            format!("{name}_days_until_expiry"),
            format!("{name}_status"),
        ]
    };
    std::iter::once("user_name".to_owned()).chain(Kind::ALL.into_iter().flat_map(of_kind)).collect()
}

const fn column_name(kind: Kind) -> &'static str {
    match kind {
        Kind::ApiKey => "api_keys",
        Kind::AuthToken => "auth_tokens",
        Kind::CustomerSecretKey => "customer_secret_keys",
        Kind::DbCredential => "db_credentials",
        Kind::Oauth2ClientCredential => "oauth2_client_credentials",
        Kind::SmtpCredential => "smtp_credentials",
    }
}

fn capability(owner: &OwnerView<'_>, kind: Kind) -> Capability {
    owner.user.map_or(Capability::Unknown, |user| user.capability(kind))
}

fn can_use(owner: &OwnerView<'_>, kind: Kind) -> &'static str {
    match capability(owner, kind) {
        Capability::Enabled => "True",
        Capability::Disabled => "False",
        Capability::Unknown => "Unknown",
    }
}

/// Count, oldest age, days left, status.
fn cells(owner: &OwnerView<'_>, kind: Kind, policy: &Policy) -> [String; 4] {
    let coverage = &owner.domain.readings.get(kind).coverage;
    match coverage {
        Coverage::Unreadable(why) => {
            let said = match (why.rights, why.status) {
                (true, _) => "UNAUTHORIZED".to_owned(),
                (false, Some(status)) => format!("ERROR:{status}"),
                (false, None) => "ERROR:unreadable".to_owned(),
            };
            return std::array::from_fn(|_| said.clone());
        }
        Coverage::NotApplicable => {
            return [NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE, "NOT AUDITED"].map(str::to_owned);
        }
        Coverage::Complete | Coverage::Unconfirmed { .. } | Coverage::Partial { .. } => {}
    }
    let [count, oldest, left, status] = read_cells(owner, kind, policy);
    let status = match coverage {
        Coverage::Partial { .. } => format!("PARTIAL, {status}"),
        Coverage::Unconfirmed { .. } => format!("UNCONFIRMED, {status}"),
        _ => status,
    };
    [count, oldest, left, status]
}

fn read_cells(owner: &OwnerView<'_>, kind: Kind, policy: &Policy) -> [String; 4] {
    let count = owner.of_kind(kind).count();
    let capability = capability(owner, kind);
    if count == 0 {
        let status = match capability {
            Capability::Enabled => "ENABLED, None CONFIGURED",
            Capability::Disabled => "DISABLED",
            Capability::Unknown => "CAPABILITY UNKNOWN, None CONFIGURED",
        };
        return ["0", NOT_APPLICABLE, NOT_APPLICABLE, status].map(str::to_owned);
    }
    let oldest = owner.of_kind(kind).filter_map(|assessed| assessed.judgement.age_days).max();
    // The limit that holds for this owner, as their credentials were judged by it.
    let limit =
        owner.of_kind(kind).next().map_or_else(|| policy.limits().of(kind), |assessed| assessed.limit);
    let max_age = limit.max_age().map(|days| i64::from(days.get()));
    let warns = max_age.map(|days| days - i64::from(limit.warn_before().get()));
    let warned = oldest.zip(warns).is_some_and(|(age, warns)| age >= warns);
    let shown =
        |number: Option<i64>| number.map_or_else(|| "Unknown".to_owned(), |number| number.to_string());
    let status = match capability {
        Capability::Disabled => format!("DISABLED BUT CONFIGURED ({} days old)", shown(oldest)),
        _ if warned => format!("ROTATION NEEDED ({} days old)", shown(oldest)),
        _ => "ENABLED & CONFIGURED".to_owned(),
    };
    [count.to_string(), shown(oldest), shown(oldest.zip(max_age).map(|(age, max_age)| max_age - age)), status]
}
