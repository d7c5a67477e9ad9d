"""Stripe and Shopify: against third-party servers, against strict twins, and with lines that break."""
