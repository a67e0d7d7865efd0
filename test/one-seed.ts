// Loaded before each test file under CI=true: the gate says the same thing about the same commit each time. Everybody
// else's run, and `npm run fuzz`, search on new inputs; a failure there names its seed, and the input becomes an example.
import fc from "fast-check";

fc.configureGlobal({ seed: 169_254 });
