/** joe with the password secret, bcrypt; for docker-registry. */
export const HTPASSWD = 'joe:$2y$05$Bc2BT4DMsL.4c3NXAwHwe.8bSuLSICFqUiC4erErkZ/nukZd0tHsi\n';
