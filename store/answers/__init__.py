"""What students answer: attempts, drafts, marks, results, inventories."""
