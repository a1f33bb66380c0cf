"""One reader of CloudFormation and SAM templates, for every tool here.

`document` reads a file or text, `language_extensions` expands what AWS::LanguageExtensions adds (loops first of all),
`resolver` gives values their parameters and conditions, and `transform` applies the SAM transform.
"""
