"""WeChat official accounts (公众号), by the API that an account's own operator has."""
