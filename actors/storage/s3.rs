//! The bucket.
//!
//! # Source
//! Amazon S3 API Reference; AWS Signature Version 4. Garage, Ceph, R2 and their kin speak the same.

use std::{fmt, time::Duration};

use object_store::{
    BackoffConfig, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
    signer::{Method, SignedUrlOptions, Signer},
};
use stoa_core::{Error, Result};
use url::Url;

use super::{failed, wire::Wire};

/// How often and for how long a request is made again that was not answered, or with a 5xx or a 429.
const RETRIES: usize = 4;
const RETRIES_WITHIN: Duration = Duration::from_secs(20);

/// A bucket, and how it is reached.
#[derive(Clone)]
pub struct S3Options {
    /// Name of the bucket.
    pub bucket: String,
    /// Address of the service; none means AWS in the region.
    pub endpoint: Option<Url>,
    /// Its region.
    pub region: String,
    /// Whom it knows us as, id and secret; none means the role of the machine.
    pub credentials: Option<(String, String)>,
    /// The service may be reached without TLS.
    pub allow_http: bool,
    /// The bucket stands in the path of an address rather than in its host.
    pub path_style: bool,
    /// Stands before every key.
    pub prefix: String,
}

impl fmt::Debug for S3Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Options").field("bucket", &self.bucket).field("region", &self.region).finish_non_exhaustive()
    }
}

/// Opens the bucket.
pub(super) fn open(options: &S3Options) -> Result<(AmazonS3, Path)> {
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&options.bucket)
        .with_region(&options.region)
        .with_allow_http(options.allow_http)
        .with_virtual_hosted_style_request(!options.path_style)
        .with_http_connector(Wire::new())
        .with_retry(RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(100),
                max_backoff: Duration::from_secs(5),
                base: 2.0,
            },
            max_retries: RETRIES,
            retry_timeout: RETRIES_WITHIN,
        });
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_endpoint(at(endpoint, options).trim_end_matches('/'));
    }
    if let Some((id, secret)) = &options.credentials {
        builder = builder.with_access_key_id(id).with_secret_access_key(secret);
    }
    let store = builder.build().map_err(Error::internal)?;
    Ok((store, Path::from(options.prefix.as_str())))
}

/// The address of the service. Where the bucket stands in the host, it stands there already.
fn at(endpoint: &Url, options: &S3Options) -> String {
    let mut endpoint = endpoint.clone();
    if let (false, Some(host)) = (options.path_style, endpoint.host_str().map(str::to_owned)) {
        // What is no host then is found when the service is asked.
        let _ = endpoint.set_host(Some(&format!("{}.{host}", options.bucket)));
    }
    endpoint.to_string()
}

/// An address that fetches a file with this `Content-Disposition`.
pub(super) async fn signed_url(store: &AmazonS3, path: &Path, disposition: &str, within: Duration) -> Result<Url> {
    let options = SignedUrlOptions::default().with_query([("response-content-disposition", disposition)]);
    store.signed_url_opts(Method::GET, path, within, &options).await.map_err(failed)
}
