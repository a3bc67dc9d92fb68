"""The words that all wings share: text, money, business time, lifecycles, rules, taxonomy and blueprints. Pure."""
