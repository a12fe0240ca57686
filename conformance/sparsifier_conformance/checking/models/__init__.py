"""Models that checks draw: small ones, all small ones, odd ones, the user's own, and what users do to them."""
