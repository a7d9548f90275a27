//! Limits of the policy file.
//!
//! What one place does not say is taken from around it: a kind's limit of a class from the class, a class's from the
//! kind's general limit, that from `[rotation]`, and what nobody says is credage's default. What lies over the file
//! lies over `[rotation]` itself, and over nothing that is closer.

use std::ops::Range;

use toml::Spanned;

use super::raw::{ByKind, RawClass, RawDays, RawLimit, RawRotation};
use super::{Overrides, Reader};
use crate::config::ConfigError;
use crate::days::Days;
use crate::kind::{Kind, PerKind};
use crate::policy::{Limit, LimitError, Limits, Origin};

/// What one place says of a limit, as it is written.
pub(super) struct Written<'r> {
    max_age: Option<&'r Spanned<RawDays>>,
    warn_before: Option<&'r Spanned<RawDays>>,
    exempt: Option<&'r Spanned<bool>>,
}

/// What one place says of a limit.
#[derive(Clone, Default)]
pub(super) struct Layer {
    max_age: Option<Given<Days>>,
    warn_before: Option<Given<Days>>,
    exempt: Option<Given<bool>>,
}

/// A value, and where it is given.
#[derive(Clone)]
struct Given<T> {
    value: T,
    place: Place,
}

#[derive(Clone)]
enum Place {
    /// These bytes of the file.
    File(Range<usize>),
    /// Something that lies over the file.
    Over(Origin),
}

/// What holds for everybody who is in no class, before it is put together.
pub(super) struct General {
    around: Layer,
    kinds: PerKind<Option<Layer>>,
}

macro_rules! written {
    ($raw:ty) => {
        impl $raw {
            pub(super) fn written(&self) -> Written<'_> {
                let Self { max_age, warn_before, exempt, .. } = self;
                Written {
                    max_age: max_age.as_ref(),
                    warn_before: warn_before.as_ref(),
                    exempt: exempt.as_ref(),
                }
            }
        }
    };
}
written!(RawRotation);
written!(RawClass);
written!(RawLimit);

impl Reader<'_> {
    /// What the file and what lies over it say in general. Mistakes are kept, and what is wrong counts as not said.
    pub(super) fn general(&mut self, rotation: &RawRotation, overrides: &Overrides) -> General {
        let mut around = self.layer(&rotation.written());
        if let Some((days, origin)) = &overrides.max_age {
            around.max_age = Some(Given { value: *days, place: Place::Over(origin.clone()) });
            // An age over the file is an age, whatever the file exempts in general.
            around.exempt = None;
        }
        if let Some((days, origin)) = &overrides.warn_before {
            around.warn_before = Some(Given { value: *days, place: Place::Over(origin.clone()) });
        }
        self.remember("rotation", &around);
        let kinds = self.kind_layers("rotation", rotation);
        General { around, kinds }
    }

    /// The limits of everybody who is in no class.
    pub(super) fn limits(&mut self, general: &General) -> Limits {
        let around = &general.around;
        let default = self.limit(&[around]);
        let kinds = PerKind::from_fn(|kind| match general.kinds.get(kind) {
            Some(own) => self.limit(&[own, around]),
            None => default,
        });
        Limits::new(default, |kind| *kinds.get(kind))
    }

    /// The limits of a class.
    pub(super) fn class_limits(&mut self, name: &str, raw: &RawClass, general: &General) -> Limits {
        let class = self.layer(&raw.written());
        let key = format!("class.{name}");
        self.remember(&key, &class);
        let own = self.kind_layers(&key, raw);
        let around = &general.around;
        let default = self.limit(&[&class, around]);
        let kinds = PerKind::from_fn(|kind| {
            let layers =
                [own.get(kind).as_ref(), Some(&class), general.kinds.get(kind).as_ref(), Some(around)];
            self.limit(&layers.into_iter().flatten().collect::<Vec<_>>())
        });
        Limits::new(default, |kind| *kinds.get(kind))
    }

    fn kind_layers(&mut self, key: &str, raw: &impl ByKind) -> PerKind<Option<Layer>> {
        PerKind::from_fn(|kind: Kind| {
            let layer = self.layer(&raw.of(kind)?.written());
            self.remember(&format!("{key}.{kind}"), &layer);
            Some(layer)
        })
    }

    fn layer(&mut self, written: &Written<'_>) -> Layer {
        let Written { max_age, warn_before, exempt } = written;
        if let (Some(age), Some(exempt)) = (max_age, exempt)
            && *exempt.get_ref()
        {
            let both = self.error(age, "a limit and an exemption from it exclude each other");
            self.mistakes.push(both.hint("remove one"));
        }
        let mut days = |value: Option<&Spanned<RawDays>>| {
            let value = value?;
            let days = self.days(value);
            Some(Given { value: self.keep(days)?, place: Place::File(value.span()) })
        };
        Layer {
            max_age: days(*max_age),
            warn_before: days(*warn_before),
            exempt: exempt
                .map(|exempt| Given { value: *exempt.get_ref(), place: Place::File(exempt.span()) }),
        }
    }

    /// The limit that layers give, innermost first; the default where they contradict themselves, which is kept as a
    /// mistake.
    fn limit(&mut self, layers: &[&Layer]) -> Limit {
        // Who says first whether age matters: an exemption, or an age.
        let decides = layers.iter().find(|layer| layer.exempt.is_some() || layer.max_age.is_some());
        let exempt = decides.and_then(|layer| layer.exempt.as_ref()).is_some_and(|exempt| exempt.value);
        let warn = layers.iter().enumerate().find_map(|(at, layer)| Some((at, layer.warn_before.as_ref()?)));
        let warn_before = warn.map_or(Limit::DEFAULT_WARN_BEFORE, |(_, warn)| warn.value);
        if exempt {
            return Limit::exempt(warn_before);
        }
        let age = layers.iter().enumerate().find_map(|(at, layer)| Some((at, layer.max_age.as_ref()?)));
        let max_age = age.map_or(Limit::DEFAULT_MAX_AGE, |(_, age)| age.value);
        let limit = Limit::new(max_age, warn_before).map_err(|error| self.impossible(&error, age, warn));
        self.keep(limit).unwrap_or_default()
    }

    /// A contradiction, shown at the innermost of the values that make it.
    fn impossible(
        &self,
        error: &LimitError,
        age: Option<(usize, &Given<Days>)>,
        warn: Option<(usize, &Given<Days>)>,
    ) -> ConfigError {
        let depth = |given: Option<(usize, &Given<Days>)>| given.map_or(usize::MAX, |(depth, _)| depth);
        // What lies over the file is what somebody has just said.
        let over = |given: Option<(usize, &Given<Days>)>| {
            given.is_some_and(|(_, given)| matches!(given.place, Place::Over(_)))
        };
        let beside = depth(age) == depth(warn);
        let nearer = depth(age) < depth(warn) || (beside && over(age) && !over(warn));
        let is_age = matches!(error, LimitError::NoAge) || nearer;
        let (guilty, other, what) = if is_age { (age, warn, "warning") } else { (warn, age, "maximum age") };
        let guilty = guilty.map(|(_, given)| &given.place);
        let wrong = match guilty {
            Some(Place::File(span)) => self.source.error(Some(span.clone()), error.to_string()),
            Some(Place::Over(Origin::Flag(name) | Origin::Environment(name))) => {
                ConfigError { origin: (*name).to_owned(), ..self.source.error(None, error.to_string()) }
            }
            _ => self.source.error(None, error.to_string()),
        };
        let LimitError::WarningTooEarly { max_age, .. } = error else { return wrong };
        if beside && over(age) == over(warn) {
            return wrong;
        }
        let from = match other.map(|(_, given)| self.origin(&given.place)) {
            None => format!("the {what} is credage's default"),
            Some(origin) => format!("the {what} is that of {origin}"),
        };
        wrong.hint(match (is_age, guilty) {
            (false, _) => from,
            (true, Some(Place::Over(_))) => format!("{from}; add --warn-before {max_age} or less"),
            (true, _) => format!("{from}; add `warn_before` of at most {max_age} days beside it"),
        })
    }

    fn remember(&mut self, key: &str, layer: &Layer) {
        let places = [
            ("max_age", layer.max_age.as_ref().map(|given| &given.place)),
            ("warn_before", layer.warn_before.as_ref().map(|given| &given.place)),
            ("exempt", layer.exempt.as_ref().map(|given| &given.place)),
        ];
        for (name, place) in places {
            if let Some(place) = place {
                self.origins.set(format!("{key}.{name}"), self.origin(place));
            }
        }
    }

    fn origin(&self, place: &Place) -> Origin {
        match place {
            Place::File(span) => self.in_file(span.clone()),
            Place::Over(origin) => origin.clone(),
        }
    }
}
