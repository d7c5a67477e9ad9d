"""What every chat must do, whatever its platform: `suite` says it, one module per platform plugs it in."""
