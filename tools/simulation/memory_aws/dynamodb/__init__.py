"""DynamoDB in memory: tables, expressions, transactions, and the streams of tables."""
