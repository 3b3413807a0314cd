"""What every app builds on. Imports none of ours."""
