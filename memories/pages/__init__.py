"""The pages of memories, of what finds them, and of how spaces cut and embed them."""
