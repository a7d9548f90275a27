//! The index of the users, read once more, at most once for all kinds.

use tokio::sync::OnceCell;

use super::Scope;
use super::index::Index;
use super::interner::Interner;
use super::listing::Reader;
use super::names::Names;
use super::users::{self, View};

/// Reads the index again when somebody asks for it.
pub(crate) struct Again<'a> {
    pub(crate) reader: &'a Reader<'a>,
    pub(crate) scope: &'a Scope,
    pub(crate) names: (&'a Interner, &'a Names),
    pub(crate) view: View<'a>,
    pub(crate) read: OnceCell<Option<Index>>,
}

impl Again<'_> {
    /// The index as it is now; nothing where the users could not be read completely.
    pub(crate) async fn index(&self) -> Option<&Index> {
        let read = || async {
            tracing::info!("reading the users' index again: many credentials that it names are missing");
            let read = users::read(self.reader, self.scope, self.names, self.view).await;
            (read.coverage == credage_core::Coverage::Complete).then_some(read.index)
        };
        self.read.get_or_init(read).await.as_ref()
    }
}
