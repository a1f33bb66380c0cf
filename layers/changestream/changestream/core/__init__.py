"""Values and rules of stream consumption. Standard library only: nothing here knows AWS's wire formats or clients."""
