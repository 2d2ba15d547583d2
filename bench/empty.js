'use strict';

// What load.js requires for comparison.
