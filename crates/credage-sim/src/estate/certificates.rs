//! The certificates of a simulated tenancy: those of an instance, and those of its servers.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::error::SimError;
use crate::keys::{Key, Signer};

/// An authority with an instance that it knows.
#[derive(Debug)]
pub(crate) struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    /// The instance's certificate and key, as its metadata has them.
    pub(crate) leaf: Leaf,
    /// The same of an instance of another tenancy.
    pub(crate) foreign: Leaf,
}

/// What a TLS server shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerCertificate {
    /// The name or address that it is for.
    pub name: String,
    /// Whether it ended in 2020.
    pub expired: bool,
}

impl ServerCertificate {
    /// A good one for a name or address.
    pub fn of(name: &str) -> Self {
        Self { name: name.to_owned(), expired: false }
    }
}

/// A certificate with its key.
#[derive(Debug)]
pub(crate) struct Leaf {
    /// PEM.
    pub(crate) certificate: String,
    /// PEM.
    pub(crate) key: String,
    tenancy: String,
    fingerprint: String,
    public: Vec<u8>,
}

impl Authority {
    /// A fresh authority, and an instance of `tenancy`.
    pub(crate) fn new(tenancy: &str) -> Result<Self, SimError> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = named("simulated authority");
        // What strict verifiers want of an authority (RFC 5280, sections 4.2.1.1 and 4.2.1.3), as Python's since 3.13.
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(|_| SimError::Key)?;
        let root = CertifiedIssuer::self_signed(params, key).map_err(|_| SimError::Key)?;
        let leaf = Leaf::new(tenancy, &root)?;
        let foreign = Leaf::new(&format!("{tenancy}other"), &root)?;
        Ok(Self { root, leaf, foreign })
    }

    /// The authority's own certificate in PEM.
    pub(crate) fn pem(&self) -> String {
        self.root.pem()
    }

    /// A TLS server with a certificate, and the PEM of whom to trust.
    pub(crate) fn serve_as(&self, wanted: &ServerCertificate) -> Result<(String, TlsAcceptor), SimError> {
        let failed = |_| SimError::Key;
        let mut params = CertificateParams::new(vec![wanted.name.clone()]).map_err(failed)?;
        params.distinguished_name = named("simulated server");
        params.use_authority_key_identifier_extension = true;
        if wanted.expired {
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.signed_by(&key, &self.root).map_err(failed)?;
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| SimError::Key)?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .map_err(|_| SimError::Key)?;
        Ok((self.pem(), TlsAcceptor::from(Arc::new(config))))
    }
}

impl Leaf {
    fn new(tenancy: &str, issuer: &Issuer<'_, KeyPair>) -> Result<Self, SimError> {
        let failed = |_| SimError::Key;
        let rsa = Key::generate()?;
        let pem = rsa.pem()?;
        let key = KeyPair::from_pkcs8_pem_and_sign_algo(&pem, &PKCS_RSA_SHA256).map_err(failed)?;
        let mut params = CertificateParams::default();
        let mut name = named("ocid1.instance.oc1.iad.aaaasimulated");
        name.push(DnType::OrganizationalUnitName, "opc-certtype:instance");
        name.push(DnType::OrganizationName, format!("opc-tenant:{tenancy}"));
        params.distinguished_name = name;
        let certificate = params.signed_by(&key, issuer).map_err(failed)?;
        let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate.der());
        let fingerprint =
            digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
        Ok(Self {
            certificate: certificate.pem(),
            key: pem,
            tenancy: tenancy.to_owned(),
            fingerprint,
            public: rsa.public().to_vec(),
        })
    }

    /// Who signs with its key for a token.
    pub(crate) fn signer(&self) -> Signer {
        let key_id = format!("{}/fed-x509/{}", self.tenancy, self.fingerprint);
        Signer::new(key_id, self.public.clone(), None)
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}
